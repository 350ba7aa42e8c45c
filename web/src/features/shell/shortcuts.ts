import { t } from '../../i18n/language.svelte.ts';
import type { App } from '../../state/app.svelte.ts';
import type { Client } from '../../state/client.svelte.ts';
import { command, composing, mac } from '../../ui/keys.ts';
import type { Desk } from '../desk.svelte.ts';

/** What the shortcuts act on. */
export interface Around {
  app: App;
  client: Client;
  desk: Desk;
  /** The room in view, '' if none. */
  room: string;
}

/** Does what a key asks for everywhere in the window, and says whether it did. */
export function shortcuts(event: KeyboardEvent, around: Around): boolean {
  if (event.defaultPrevented || composing(event)) return false;
  const act = withCommand(event, around) ?? withAlt(event, around) ?? withEscape(event, around);
  if (!act) return false;
  event.preventDefault();
  act();
  return true;
}

function withCommand(event: KeyboardEvent, { app, desk, room }: Around): (() => void) | undefined {
  const key = event.key.toLowerCase();
  if (command(event)) {
    if (key === 'k') return () => (desk.dialog?.name === 'switcher' ? desk.close() : desk.open({ name: 'switcher' }));
    if (key === '/') return () => desk.open({ name: 'shortcuts' });
    if (key === ',') return () => app.router.go({ name: 'settings', page: '' });
    if (key === '.' && room) return () => desk.togglePanel();
  }
  if (command(event, true)) {
    if (key === 'k') return () => desk.open({ name: 'direct' });
    if (key === 'l') return () => document.getElementById('composer')?.focus();
  }
  return undefined;
}

function withAlt(event: KeyboardEvent, { app, client, room }: Around): (() => void) | undefined {
  if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    const next = client.rooms.neighbor(room, event.key === 'ArrowUp' ? -1 : 1, event.shiftKey);
    return () => {
      if (next) app.router.go({ name: 'room', room: next.id, seq: 0 });
    };
  }
  // On Apple's systems ⌥← moves by words; ⌘[ and the browser's own keys go back there.
  if (mac || event.shiftKey) return undefined;
  if (event.key === 'ArrowLeft') return () => app.router.back();
  if (event.key === 'ArrowRight') return () => app.router.forward();
  return undefined;
}

function withEscape(event: KeyboardEvent, { app, client, room }: Around): (() => void) | undefined {
  if (event.key !== 'Escape' || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const offer = (undo: () => void) =>
    app.notices.show(t().rooms.allRead, { action: { label: t().common.undo, run: undo } });
  if (event.shiftKey) return () => offer(client.marks.readAll());
  return room ? () => void client.marks.readRoom(room) : undefined;
}

/** F6 goes to the next part of the window, Shift+F6 to the one before. */
export function cycleRegions(event: KeyboardEvent): void {
  if (event.key !== 'F6' || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((region) => !region.closest('[inert]'));
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const step = event.shiftKey ? -1 : 1;
  const next = regions[(at + step + regions.length) % regions.length];
  if (next) focusIn(next);
}

/** Focuses a region, or the current or first thing in it that takes the focus. */
function focusIn(region: HTMLElement): void {
  const wanted = region.matches('[tabindex="0"], textarea')
    ? region
    : (region.querySelector<HTMLElement>('[aria-current="page"], textarea') ??
      region.querySelector<HTMLElement>('a[href], button:not(:disabled), [tabindex="0"]'));
  wanted?.focus();
}
