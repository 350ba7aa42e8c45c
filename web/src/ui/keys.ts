/**
 * Whether the key belongs to an input method that is composing. Safari ends the composition before
 * keydown, and then only the key code 229 tells.
 */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Whether the platform's command key is ⌘. */
export const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/u.test(navigator.userAgent);

/** Ctrl, or ⌘ on Apple's systems, and no other but Shift where it is asked for. */
export function command(event: KeyboardEvent, shift = false): boolean {
  const main = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  return main && !event.altKey && event.shiftKey === shift;
}

/** How a shortcut is written here: "Ctrl+K", or "⌘K" on Apple's systems. */
export function keys(combination: string): string {
  if (!mac) return combination;
  return combination
    .replace('Ctrl+', '⌘')
    .replace('Shift+', '⇧')
    .replace('Alt+', '⌥');
}

/** Whether the event came from something one types into. */
export function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox],[type=radio]), textarea, select'))
  );
}
