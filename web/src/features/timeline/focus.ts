/** Arrows, Home and End move the focus between messages; says whether the key was one of them. */
export function moveFocus(event: KeyboardEvent, log: HTMLElement): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const onMessage = event.target instanceof HTMLElement && event.target.matches('article');
  if (!onMessage && event.target !== log) return false;
  const rows = [...log.querySelectorAll<HTMLElement>('article')];
  const at = onMessage ? rows.indexOf(event.target as HTMLElement) : rows.length;
  const to: Record<string, number> = {
    ArrowUp: Math.max(0, at - 1),
    ArrowDown: onMessage ? Math.min(rows.length - 1, at + 1) : rows.length - 1,
    Home: 0,
    End: rows.length - 1,
  };
  const row = rows[to[event.key] ?? -1];
  if (!row) return false;
  event.preventDefault();
  row.focus();
  row.scrollIntoView({ block: 'nearest' });
  return true;
}
