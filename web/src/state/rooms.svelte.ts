import type { Calls } from '../net/calls.ts';
import { ulid } from '../sync/ulid.ts';
import type { BrowsedRooms, FollowedRoom, Membership, UpdateMembership, UpdateRoom } from '../wire.ts';
import { keep, kept } from './kept.ts';
import { byName, type People } from './people.svelte.ts';
import { RoomEntry } from './room.svelte.ts';

export { RoomEntry } from './room.svelte.ts';

export type SectionName = 'unread' | 'favorites' | 'channels' | 'direct';

/** A block of the sidebar, in the order of ux.md; empty ones are left out. */
export interface Section {
  readonly name: SectionName;
  readonly rooms: readonly RoomEntry[];
}

/** How many rooms are remembered as last looked at. */
const mostRecent = 10;

/** What Rooms asks the rest of the client to do. */
export interface RoomsHost {
  /** Up to which rev the changes of a room were applied. */
  cursor(room: string): number;
  /** A room came, with the rev its row and counts belong to. */
  joined(entry: RoomEntry, head: number): void;
  /** What it counts is not what its mark says. */
  uncounted(entry: RoomEntry): void;
  /** The person is no longer in it. */
  left(room: string): void;
}

/** Rooms is the room list and what one can do with rooms. Its methods throw ApiError. */
export class Rooms {
  /** False until the cache or the server gave a list. */
  ready: boolean = $state(false);
  /** The room on the screen, '' if none. Timeline.open and leave keep it. */
  current: string = $state('');

  readonly #calls: Calls;
  readonly #me: string;
  readonly #people: People;
  readonly #host: RoomsHost;
  readonly #map = new Map<string, RoomEntry>();
  #version = $state(0);
  /** The current room was unread when it was opened: it stays in that section until it is left. */
  #stays: string = $state('');
  #recent: readonly string[] = $state.raw([]);

  readonly #all = $derived.by(() => {
    void this.#version;
    const titled = [...this.#map.values()].map((entry) => ({ entry, title: entry.title }));
    return titled.sort((a, b) => byName.compare(a.title, b.title)).map(({ entry }) => entry) as readonly RoomEntry[];
  });
  #last: readonly Section[] = [];
  readonly #sections = $derived.by(() => (this.#last = reuse(this.#last, this.#sort())));

  /** Rooms with something unread that is not muted, and the sum of mentions: for title and badge. */
  readonly unreadRooms: number = $derived(this.#all.filter((entry) => entry.calls).length);
  readonly mentions: number = $derived(this.#all.reduce((sum, entry) => sum + (entry.calls ? entry.mentions : 0), 0));

  constructor(calls: Calls, me: string, people: People, host: RoomsHost) {
    this.#calls = calls;
    this.#me = me;
    this.#people = people;
    this.#host = host;
    this.#recent = kept(`recent:${me}`).split(' ').filter(Boolean);
  }

  /** All rooms the person is in, by title. */
  get all(): readonly RoomEntry[] {
    return this.#all;
  }

  /** The sidebar. */
  get sections(): readonly Section[] {
    return this.#sections;
  }

  /** Reactive to rooms coming and going. */
  get(id: string): RoomEntry | undefined {
    void this.#version;
    return this.#map.get(id);
  }

  /** Up to ten rooms last looked at, newest first: what the switcher shows before anything is typed. */
  get recent(): readonly RoomEntry[] {
    return this.#recent.flatMap((id) => this.get(id) ?? []);
  }

  /** Where somebody lands who asked for no place: the room last looked at, else the one everybody is in. */
  get home(): RoomEntry | undefined {
    return this.recent[0] ?? this.all.find((entry) => entry.room.default) ?? this.all[0];
  }

  /** The room above or below `from` in the sidebar (step -1 or 1), with something unread if asked. */
  neighbor(from: string, step: 1 | -1, unreadOnly: boolean): RoomEntry | undefined {
    const list = this.#sections.flatMap((section) => section.rooms);
    const start = list.findIndex((entry) => entry.id === from);
    for (let i = 1; i <= list.length; i++) {
      const origin = start < 0 && step < 0 ? 0 : start;
      const entry = list[(((origin + i * step) % list.length) + list.length) % list.length];
      if (entry !== undefined && entry.id !== from && (!unreadOnly || entry.calls)) return entry;
    }
    return undefined;
  }

  /** The conversation with exactly these people, if there is one already. */
  directWith(users: readonly string[]): RoomEntry | undefined {
    const wanted = [...new Set(users)].filter((id) => id !== this.#me).sort().join();
    return this.all.find((entry) => entry.room.pair && [...entry.others].sort().join() === wanted);
  }

  /** Makes a channel and gives its id. */
  async createChannel(input: { kind: 'open' | 'closed'; name: string; topic: string; members: readonly string[] }): Promise<string> {
    const { kind, name, topic } = input;
    return this.adopt(await this.#calls.createRoom({ nonce: ulid(), kind, name, topic, members: [...input.members] }));
  }

  /** Finds or makes the conversation with these people (none: the note to self) and gives its id. */
  async openDirect(users: readonly string[]): Promise<string> {
    const members = [...new Set(users)].filter((id) => id !== this.#me);
    const known = members.length <= 1 ? this.directWith(members) : undefined;
    if (known !== undefined) return known.id;
    return this.adopt(await this.#calls.createRoom({ nonce: ulid(), kind: 'direct', members }));
  }

  async join(room: string): Promise<void> {
    this.adopt(await this.#calls.join(room));
  }

  async leave(room: string): Promise<void> {
    await this.#calls.leave(room);
    this.remove(room);
  }

  async update(room: string, patch: { name?: string; topic?: string; archived?: boolean }): Promise<void> {
    this.#map.get(room)?.takeRoom(await this.#calls.updateRoom(room, patch satisfies UpdateRoom));
  }

  async addMembers(room: string, users: readonly string[]): Promise<void> {
    await this.#calls.addMembers(room, users);
  }

  async removeMember(room: string, user: string): Promise<void> {
    await this.#calls.removeMember(room, user);
  }

  setFavorite(room: string, on: boolean): Promise<void> {
    return this.#patch(room, { favorite: on });
  }

  setMuted(room: string, on: boolean): Promise<void> {
    return this.#patch(room, { muted: on });
  }

  /** A page of open channels; give `next` back as `after`. */
  browse(query: string, after: string): Promise<BrowsedRooms> {
    return this.#calls.browse(query.trim(), after);
  }

  /** Takes a room in full, as of its head; gives its id. */
  adopt(from: FollowedRoom): string {
    const { id } = from.room;
    if (from.membership.left) return id;
    let entry = this.#map.get(id);
    if (entry === undefined) {
      entry = new RoomEntry(from, this.#me, this.#people);
      this.#map.set(id, entry);
      this.#version++;
      this.#host.joined(entry, from.head);
    } else {
      const isCounted = entry.take(from, this.#host.cursor(id));
      this.#host.joined(entry, from.head);
      if (!isCounted) this.#host.uncounted(entry);
    }
    return id;
  }

  /** Takes a row of the own place in a room; says whether the read mark moved. A room unknown to us is loaded. */
  applyMembership(row: Membership): boolean {
    const entry = this.#map.get(row.room);
    if (row.left) this.remove(row.room);
    else if (entry === undefined) void this.load(row.room);
    else return entry.takeMembership(row);
    return false;
  }

  /** Loads a room with its counts; says whether it could. A failure is mended by the next snapshot. */
  async load(room: string): Promise<boolean> {
    try {
      this.adopt(await this.#calls.room(room));
      return true;
    } catch {
      return false;
    }
  }

  remove(room: string): void {
    if (!this.#map.delete(room)) return;
    this.#version++;
    this.#host.left(room);
  }

  /** The room came on the screen. */
  enter(room: string): void {
    if (this.current === room) return;
    this.current = room;
    this.#stays = this.#map.get(room)?.calls ? room : '';
    this.#recent = [room, ...this.#recent.filter((id) => id !== room)].slice(0, mostRecent);
    keep(`recent:${this.#me}`, this.#recent.join(' '));
  }

  /** The room left the screen, if it was on it. */
  exit(room: string): void {
    if (this.current !== room) return;
    this.current = '';
    this.#stays = '';
  }

  /** Signed out: what is kept of the rooms on this device goes. */
  forget(): void {
    keep(`recent:${this.#me}`, '');
  }

  async #patch(room: string, body: UpdateMembership): Promise<void> {
    this.#map.get(room)?.takeMembership(await this.#calls.updateMembership(room, body));
  }

  #sort(): Section[] {
    const unread: RoomEntry[] = [];
    const favorites: RoomEntry[] = [];
    const channels: RoomEntry[] = [];
    const direct: RoomEntry[] = [];
    for (const entry of this.#all) {
      if (entry.calls || entry.id === this.#stays) unread.push(entry);
      else if (entry.favorite) favorites.push(entry);
      else if (entry.direct) direct.push(entry);
      else if (entry.room.archived_at === undefined) channels.push(entry);
    }
    direct.sort((a, b) => b.lastAt - a.lastAt);
    const all: Section[] = [
      { name: 'unread', rooms: unread },
      { name: 'favorites', rooms: favorites },
      { name: 'channels', rooms: channels },
      { name: 'direct', rooms: direct },
    ];
    return all.filter((section) => section.rooms.length > 0);
  }
}

/** Gives back the old sections where nothing moved, so that what is drawn from them is left alone. */
function reuse(old: readonly Section[], fresh: readonly Section[]): readonly Section[] {
  const merged = fresh.map((section) => {
    const before = old.find((other) => other.name === section.name);
    const same = before?.rooms.length === section.rooms.length && before.rooms.every((entry, i) => entry === section.rooms[i]);
    return same ? before : section;
  });
  return merged.length === old.length && merged.every((section, i) => section === old[i]) ? old : merged;
}
