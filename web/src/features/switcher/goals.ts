import { t } from '../../i18n/language.svelte.ts';
import type { App } from '../../state/app.svelte.ts';
import type { Client } from '../../state/client.svelte.ts';
import type { RoomEntry } from '../../state/rooms.svelte.ts';
import type { Candidate } from '../../text/match.ts';
import type { IconName } from '../../ui/icons.ts';
import { keys } from '../../ui/keys.ts';
import type { Desk } from '../desk.svelte.ts';
import { isSelf } from '../rooms.ts';

/** What a goal needs to take one there. */
export interface Way {
  readonly app: App;
  readonly desk: Desk;
}

/** Somewhere the switcher can go. */
export interface Goal extends Candidate {
  readonly kind: 'room' | 'person' | 'command';
  readonly detail: string;
  readonly icon?: IconName;
  readonly room?: RoomEntry;
  readonly user?: string;
  readonly keys?: string;
  /** Shown before anything is typed. */
  readonly recent: boolean;
  go(way: Way): void;
}

/** The person's rooms, the ones last looked at first. */
export function rooms(client: Client): Goal[] {
  const recent = client.rooms.recent;
  const ordered = [...recent, ...client.rooms.all.filter((room) => !recent.includes(room))];
  return ordered.map((room) => ({
    kind: 'room',
    id: room.id,
    text: isSelf(room) ? t().rooms.self(room.title) : room.title || t().rooms.nobody,
    aliases: room.room.topic ? [room.room.topic] : [],
    detail: room.room.topic,
    room,
    recent: recent.includes(room) || recent.length === 0,
    go: ({ app }) => app.router.go({ name: 'room', room: room.id, seq: 0 }),
  }));
}

/** People there is no conversation with yet; the others are found as rooms. */
export function people(client: Client): Goal[] {
  const met = new Set(client.rooms.all.filter((room) => room.room.pair).flatMap((room) => room.others));
  return client.people.all
    .filter((user) => user.id !== client.me && !met.has(user.id))
    .map((user) => ({
      kind: 'person',
      id: user.id,
      text: user.name || user.username,
      aliases: [user.username],
      detail: `@${user.username}`,
      user: user.id,
      recent: false,
      go: ({ app }) => app.router.go({ name: 'direct', user: user.id }),
    }));
}

/** What one can do from anywhere. */
export function commands({ app, client, desk }: Way & { client: Client }): Goal[] {
  const make = (name: string, text: string, icon: IconName, run: () => void, combination = ''): Goal => ({
    kind: 'command',
    id: `command-${name}`,
    text,
    detail: '',
    icon,
    keys: combination && keys(combination),
    recent: false,
    go: run,
  });
  const page = (name: string) => () => app.router.go({ name: 'settings', page: name });
  const all = [
    make('create', t().rooms.create, 'add', () => desk.open({ name: 'create' })),
    make('direct', t().rooms.newDirect, 'message-plus', () => desk.open({ name: 'direct' }), 'Ctrl+Shift+K'),
    make('browse', t().shell.browse, 'compass', () => app.router.go({ name: 'browse' })),
    make('settings', t().shell.settings, 'settings', page(''), 'Ctrl+,'),
    make('appearance', t().settings.appearance, 'palette', page('appearance')),
    make('sessions', t().settings.sessions, 'device', page('sessions')),
    make('light', `${t().settings.theme}: ${t().settings.themeLight}`, 'sun', () => void app.prefs.set({ theme: 'light' })),
    make('dark', `${t().settings.theme}: ${t().settings.themeDark}`, 'moon', () => void app.prefs.set({ theme: 'dark' })),
    make('shortcuts', t().shell.shortcuts, 'keyboard', () => desk.open({ name: 'shortcuts' }), 'Ctrl+/'),
  ];
  if (client.account.leads) all.push(make('invite', t().shell.invite, 'user-plus', () => desk.open({ name: 'invite' })));
  return all;
}
