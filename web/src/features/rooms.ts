import type { RoomEntry } from '../state/rooms.svelte.ts';
import type { IconName } from '../ui/icons.ts';

/** How a room looks in a line: by an icon, or for one-to-ones by the presence of the other. */
export type RoomSign = { readonly icon: IconName } | { readonly person: string };

export function roomSign(room: RoomEntry): RoomSign {
  if (room.room.kind === 'open') return { icon: 'hash' };
  if (room.room.kind === 'closed') return { icon: 'lock' };
  const [other] = room.others;
  if (other === undefined) return { icon: room.room.pair ? 'note' : 'people' };
  return room.room.pair ? { person: other } : { icon: 'people' };
}

/** Whether it is the note to self. */
export function isSelf(room: RoomEntry): boolean {
  return room.room.kind === 'direct' && room.room.pair && room.others.length === 0;
}

/** What a room is called in running text: "#general" for a channel, the names for a conversation. */
export function roomName(room: RoomEntry): string {
  return room.room.kind === 'direct' ? room.title : `#${room.title}`;
}
