import type { Attachment } from 'svelte/attachments';

const held = 450; // ms until a touch is a long press
const slack = 10; // px a finger may move

/** Calls back when a finger rests on something in the element that matches; a scroll or a tap does not count. */
export function longPress(selector: string, act: (target: HTMLElement) => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    const stop = () => clearTimeout(timer);
    const down = (event: PointerEvent) => {
      stop();
      if (event.pointerType !== 'touch' || !(event.target instanceof Element)) return;
      const target = event.target.closest<HTMLElement>(selector);
      if (!target || event.target.closest('button, input, textarea')) return;
      from = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => act(target), held);
    };
    const move = (event: PointerEvent) => {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > slack) stop();
    };
    // The system's own menu would open at the same moment.
    const menu = (event: MouseEvent) => {
      if ((event as PointerEvent).pointerType === 'touch') event.preventDefault();
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', stop);
    element.addEventListener('pointercancel', stop);
    element.addEventListener('contextmenu', menu);
    return () => {
      stop();
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', stop);
      element.removeEventListener('pointercancel', stop);
      element.removeEventListener('contextmenu', menu);
    };
  };
}
