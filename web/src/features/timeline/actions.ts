import { t } from '../../i18n/language.svelte.ts';
import type { RoomEntry } from '../../state/rooms.svelte.ts';
import type { Item } from '../../state/timeline.svelte.ts';
import type { IconName } from '../../ui/icons.ts';

/** What can be done with a message. */
export interface Action {
  readonly name: 'quote' | 'edit' | 'unread' | 'link' | 'text' | 'delete';
  readonly icon: IconName;
  readonly label: string;
  /** The key that does it while the message has the focus. */
  readonly key: string;
  readonly danger?: boolean;
}

/** What a person may do with a message, in the order of the toolbar. */
export function actionsOf(item: Item, room: RoomEntry, me: string, leads: boolean): Action[] {
  if (item.status !== 'sent') return [];
  const own = item.author === me;
  const open = room.room.archived_at === undefined;
  const mayDelete = open && (own || (leads && room.room.kind !== 'direct'));
  const all: Action[] = [];
  if (!item.deleted && open) all.push({ name: 'quote', icon: 'quote', label: t().log.quote, key: 'r' });
  if (!item.deleted && open && own) all.push({ name: 'edit', icon: 'edit', label: t().log.edit, key: 'e' });
  all.push({ name: 'unread', icon: 'unread', label: t().log.markUnread, key: 'u' });
  all.push({ name: 'link', icon: 'link', label: t().log.copyLink, key: 'c' });
  if (!item.deleted) all.push({ name: 'text', icon: 'copy', label: t().log.copyText, key: '' });
  if (!item.deleted && mayDelete) {
    all.push({ name: 'delete', icon: 'trash', label: t().log.delete, key: 'Delete', danger: true });
  }
  return all;
}

/** A text as a quote to answer below. */
export function quoted(text: string): string {
  const lines = text.split('\n').map((line) => `> ${line}`);
  return `${lines.join('\n')}\n\n`;
}
