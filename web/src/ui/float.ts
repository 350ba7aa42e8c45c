import type { Attachment } from 'svelte/attachments';

const gap = 4; // px between an anchor and what floats at it
const edge = 8; // px kept free at the window's edge

export type Placement = 'below-start' | 'below-end' | 'above-start' | 'above-end';

/**
 * Shows an element with popover="manual" or "auto" beside its anchor, on the other side where there is
 * no room, and keeps it there while anything scrolls or changes size.
 */
export function float(anchor: () => Element | null | undefined, placement: Placement): Attachment<HTMLElement> {
  return (element) => {
    const place = () => {
      const at = anchor()?.getBoundingClientRect();
      if (!at) return;
      const { offsetWidth: width, offsetHeight: height } = element;
      const below = at.bottom + gap;
      const above = at.top - gap - height;
      const wantsBelow = placement.startsWith('below');
      const fitsBelow = below + height <= innerHeight - edge;
      const top = (wantsBelow && fitsBelow) || above < edge ? below : above;
      const rtl = getComputedStyle(element).direction === 'rtl';
      const atStart = placement.endsWith('start') !== rtl;
      const left = atStart ? at.left : at.right - width;
      element.style.setProperty('top', `${clamp(top, edge, innerHeight - height - edge)}px`);
      element.style.setProperty('left', `${clamp(left, edge, innerWidth - width - edge)}px`);
    };
    element.showPopover();
    place();
    const sizes = new ResizeObserver(place);
    sizes.observe(element);
    addEventListener('scroll', place, { capture: true, passive: true });
    addEventListener('resize', place);
    return () => {
      sizes.disconnect();
      removeEventListener('scroll', place, { capture: true });
      removeEventListener('resize', place);
    };
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, Math.max(low, high)));
}
