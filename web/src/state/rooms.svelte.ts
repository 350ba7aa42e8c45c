import type { BrowsedRooms, Room } from '../wire.ts';

export type SectionName = 'unread' | 'favorites' | 'channels' | 'direct';

/** A block of the sidebar, in the order of ux.md; empty ones are left out. */
export interface Section {
  readonly name: SectionName;
  readonly rooms: readonly RoomEntry[];
}

/** A room as the person is in it. Every field is reactive by itself. */
export class RoomEntry {
  readonly id: string;
  /** The room's own row: kind, name, topic, pair, default, archived_at. */
  room: Room = $state.raw() as Room;
  favorite: boolean = $state(false);
  muted: boolean = $state(false);
  /** Everything up to this seq was read (also what this device has just read but not yet sent). */
  readSeq: number = $state(0);
  /** Seq of the newest message. */
  lastSeq: number = $state(0);
  /** When the newest message came, ms since 1970; 0 if there is none. */
  lastAt: number = $state(0);
  /** Messages of others after the read mark; stops at limits.unread_bound (show "99+"). */
  unread: number = $state(0);
  /** Of those, the ones that name the person. In direct rooms every one counts. */
  mentions: number = $state(0);
  /** Direct rooms: ids of everybody in it but the person; [] is the note to self. */
  others: readonly string[] = $state.raw([]);
  /** The person's role in the room, 'member' until known. */
  role: 'member' | 'admin' = $state('member');
  /** What to call it: the room's name, or the people in it ("Ann, Bob"), or the own name for the note to self. */
  title: string = $state('');
  /** There is an unsent draft. */
  hasDraft: boolean = $state(false);

  constructor(id: string) {
    this.id = id;
  }
}

/** Rooms is the room list and what one can do with rooms. Its methods throw ApiError. */
export class Rooms {
  /** All rooms the person is in, by title. */
  all: readonly RoomEntry[] = $state.raw([]);
  /** The sidebar. */
  sections: readonly Section[] = $state.raw([]);
  /** False until the cache or the server gave a list. */
  ready: boolean = $state(false);
  /** Rooms with something unread that is not muted, and the sum of mentions: for title and badge. */
  unreadRooms: number = $state(0);
  mentions: number = $state(0);

  get(_id: string): RoomEntry | undefined {
    return undefined;
  }
  /** Up to ten rooms last looked at, newest first: what the switcher shows before anything is typed. */
  get recent(): readonly RoomEntry[] {
    return [];
  }
  /** The room above or below `from` in the sidebar (step -1 or 1), with something unread if asked. */
  neighbor(_from: string, _step: 1 | -1, _unreadOnly: boolean): RoomEntry | undefined {
    return undefined;
  }
  /** Makes a channel and gives its id. */
  async createChannel(_input: { kind: 'open' | 'closed'; name: string; topic: string; members: readonly string[] }): Promise<string> {
    return '';
  }
  /** Finds or makes the conversation with these people (none: the note to self) and gives its id. */
  async openDirect(_users: readonly string[]): Promise<string> {
    return '';
  }
  async join(_room: string): Promise<void> {}
  async leave(_room: string): Promise<void> {}
  async update(_room: string, _patch: { name?: string; topic?: string; archived?: boolean }): Promise<void> {}
  async addMembers(_room: string, _users: readonly string[]): Promise<void> {}
  async removeMember(_room: string, _user: string): Promise<void> {}
  async setFavorite(_room: string, _on: boolean): Promise<void> {}
  async setMuted(_room: string, _on: boolean): Promise<void> {}
  /** A page of open channels; give `next` back as `after`. */
  async browse(_query: string, _after: string): Promise<BrowsedRooms> {
    return { rooms: [] };
  }
}
