import type { Calls } from '../net/calls.ts';
import type { LineState } from '../net/socket.ts';
import { recount } from '../sync/apply.ts';
import type { Cache } from '../sync/cache.ts';
import type { Feed, Sink } from '../sync/feed.ts';
import type { Outbox } from '../sync/outbox.ts';
import type { Ack, Change, ErrorBody, Member, Message, Ready, RowKind, RowTypes, Signal, Sync, User } from '../wire.ts';
import { closeCode } from '../wire.ts';
import type { Account } from './account.svelte.ts';
import type { Connection } from './connection.svelte.ts';
import type { Drafts } from './drafts.svelte.ts';
import type { Marks } from './marks.svelte.ts';
import type { Members } from './members.svelte.ts';
import type { People } from './people.svelte.ts';
import type { Prefs } from './prefs.svelte.ts';
import type { Presence } from './presence.svelte.ts';
import type { RoomEntry, Rooms } from './rooms.svelte.ts';
import type { Session } from './session.svelte.ts';
import type { Timeline } from './timeline.svelte.ts';
import type { Typing } from './typing.svelte.ts';

export const directory = 'directory';
/** Counts that have to be asked for are asked once things have settled. */
const countDelay = 300;

/** The parts of a Client that changes go to. */
export interface Parts {
  readonly me: string;
  readonly calls: Calls;
  readonly cache: Cache;
  readonly feed: Feed;
  readonly outbox: Outbox;
  readonly session: Session;
  readonly prefs: Prefs;
  readonly connection: Connection;
  readonly rooms: Rooms;
  readonly people: People;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly drafts: Drafts;
  readonly marks: Marks;
  readonly account: Account;
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly members: ReadonlyMap<string, Members>;
  /** The list of rooms is complete. */
  known(): void;
  /** The line is up: tell what is on the screen. */
  tellFocus(): void;
}

/** Intake is where everything from the feed finds its part of the state. */
export class Intake implements Sink {
  readonly #parts: Parts;
  readonly #counting = new Map<string, ReturnType<typeof setTimeout>>();
  /** Rooms whose counts are not known to be right. */
  readonly #owed = new Set<string>();
  #isStarted = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  close(): void {
    for (const timer of this.#counting.values()) clearTimeout(timer);
  }

  snapshot(sync: Sync): void {
    const { me, feed, rooms, session, prefs, account, drafts, outbox } = this.#parts;
    session.device = sync.session;
    this.#people([sync.me]);
    account.apply(sync.settings);
    prefs.apply(sync.preferences);
    const isCurrent = sync.user >= (feed.gaps.cursor(me) ?? 0);
    for (const room of sync.rooms) {
      if (!isCurrent && rooms.get(room.room.id) === undefined) continue;
      rooms.adopt(room);
      const entry = rooms.get(room.room.id);
      if (entry !== undefined && !this.#isStarted) entry.startSeq = room.last_seq;
    }
    this.#isStarted = true;
    if (isCurrent) {
      const named = new Set(sync.rooms.map((room) => room.room.id));
      for (const entry of rooms.all) if (!named.has(entry.id)) rooms.remove(entry.id);
      drafts.snapshot(sync.drafts, sync.user);
      outbox.sweep((room) => named.has(room));
      feed.gaps.keep(me, sync.user);
    }
    feed.gaps.keep(directory, 0);
    feed.gaps.heads({ [directory]: sync.directory });
    this.#parts.known();
    this.#saveBase();
  }

  rows(scope: string, changes: readonly Change[]): void {
    if (scope === this.#parts.me) this.#own(changes);
    else if (scope === directory) this.#directory(changes);
    else this.#room(scope, changes);
  }

  reset(scope: string): void {
    const { cache, feed, rooms, timelines, members } = this.#parts;
    if (rooms.get(scope) !== undefined) {
      cache.removeLog(scope);
      members.get(scope)?.stale();
      timelines.get(scope)?.drop(false);
      void rooms.load(scope).then(() => timelines.get(scope)?.drop(true));
      return;
    }
    // The server was set back to before what we know: nothing kept here can be trusted.
    cache.clear();
    if (scope === directory) feed.gaps.keep(directory, 0);
    void feed.refresh();
  }

  lost(scope: string): void {
    // Joined a moment ago, it may only be missing from an older answer: a snapshot says for certain.
    if (this.#parts.rooms.get(scope) !== undefined) void this.#parts.feed.refresh();
  }

  priority(scope: string): number {
    if (scope === this.#parts.me) return 0;
    if (scope === this.#parts.rooms.current) return 1;
    return scope === directory ? 3 : 2;
  }

  signal(signal: Signal): void {
    if (signal.kind === 'typing' && signal.room !== undefined && signal.user !== undefined) {
      this.#parts.typing.signal(signal.room, signal.user);
    }
    if (signal.kind === 'presence') this.#parts.presence.apply(signal.presence ?? []);
  }

  ack(ack: Ack): void {
    this.#parts.outbox.ack(ack);
  }

  refused(nonce: string, error: ErrorBody): void {
    const { outbox, rooms } = this.#parts;
    outbox.refused(nonce, error);
    if (error.code === 'not_found') outbox.sweep((room) => rooms.get(room) !== undefined);
  }

  up(ready: Ready): void {
    const { session, connection, outbox, presence, drafts, marks, rooms } = this.#parts;
    session.device = ready.session;
    connection.version(ready.version);
    outbox.up();
    presence.up();
    drafts.up();
    marks.up();
    this.#parts.tellFocus();
    for (const room of this.#owed) {
      const entry = rooms.get(room);
      if (entry !== undefined) this.recount(entry);
    }
  }

  resync(): void {
    this.#parts.outbox.up();
    this.#parts.presence.up();
  }

  down(code: number): void {
    const { connection, outbox, presence, drafts } = this.#parts;
    outbox.down(code);
    presence.down();
    drafts.down();
    if (code >= 4200 && code < 4300) connection.fault();
  }

  line(state: LineState, retryAt: number): void {
    this.#parts.connection.line(state, retryAt);
  }

  ended(code: number): void {
    this.#parts.session.end(code === closeCode.disabled ? 'disabled' : 'ended');
  }

  /** A room came or was refreshed, with the rev it stands at. */
  joined(entry: RoomEntry, head: number): void {
    const { feed, timelines, members, cache } = this.#parts;
    const cursor = feed.gaps.cursor(entry.id);
    const timeline = timelines.get(entry.id);
    const holdsLog = timeline?.empty === false;
    if (holdsLog && cursor !== undefined) {
      feed.gaps.heads({ [entry.id]: head }); // the rows between have to be fetched for the log
    } else {
      if (cursor === undefined || cursor < head) members.get(entry.id)?.stale();
      feed.gaps.keep(entry.id, head);
      if (holdsLog) timeline.drop(true); // loaded before the room was followed: what changed since was not heard
    }
    cache.saveRoom(entry.followed(head));
  }

  left(room: string): void {
    const { feed, timelines, members, outbox, drafts, cache } = this.#parts;
    feed.gaps.forget(room);
    timelines.get(room)?.drop(true);
    members.get(room)?.stale();
    outbox.dropRoom(room);
    drafts.drop(room);
    cache.removeRoom(room);
  }

  /** The read mark of a room moved, or something before it changed: counts anew, from what is here or by asking. */
  recount(entry: RoomEntry): void {
    const log = this.#parts.timelines.get(entry.id)?.live();
    const nothing = { unread: 0, mentions: 0 };
    const counts = entry.readSeq >= entry.lastSeq ? nothing : log && recount(log, entry.lastSeq, entry.reader);
    if (counts !== undefined) {
      this.#owed.delete(entry.id);
      entry.setCounts(counts.unread, counts.mentions);
      this.#saveRoom(entry);
      return;
    }
    this.#owed.add(entry.id);
    if (this.#counting.has(entry.id)) return;
    const timer = setTimeout(() => void this.#askCounts(entry), countDelay);
    this.#counting.set(entry.id, timer);
  }

  /** Asks for the room with its counts: both are of one moment, which /counts alone would not say. */
  async #askCounts(entry: RoomEntry): Promise<void> {
    const { rooms, feed } = this.#parts;
    const isTold = entry.wish < 0; // otherwise the server does not know the mark yet
    if (isTold) this.#owed.delete(entry.id);
    const isLoaded = isTold && (await rooms.load(entry.id));
    this.#counting.delete(entry.id);
    if (isLoaded && !this.#owed.has(entry.id)) return;
    if (rooms.get(entry.id) !== entry) return void this.#owed.delete(entry.id);
    this.#owed.add(entry.id);
    if (feed.online) this.recount(entry); // else the next line does
  }

  #own(changes: readonly Change[]): void {
    const { rooms, drafts, prefs } = this.#parts;
    for (const row of pick(changes, 'membership')) {
      const isMoved = rooms.applyMembership(row);
      const entry = rooms.get(row.room);
      if (entry === undefined) continue;
      if (isMoved) this.recount(entry);
      else this.#saveRoom(entry);
    }
    for (const row of pick(changes, 'draft')) drafts.apply(row);
    for (const row of pick(changes, 'preferences')) prefs.apply(row);
    this.#saveBase();
  }

  #directory(changes: readonly Change[]): void {
    this.#people(pick(changes, 'user'));
    for (const row of pick(changes, 'settings')) this.#parts.account.apply(row);
    if (!this.#parts.feed.gaps.isBehind(directory)) this.#parts.people.complete = true;
    this.#saveBase();
  }

  #people(rows: readonly User[]): void {
    const { me, people, cache, session } = this.#parts;
    for (const user of people.apply(rows)) {
      cache.savePerson(user);
      if (user.id === me) session.update(user);
    }
  }

  #room(room: string, changes: readonly Change[]): void {
    const { rooms, members, timelines } = this.#parts;
    const entry = rooms.get(room);
    if (entry === undefined) return;
    for (const row of pick(changes, 'room')) entry.takeRoom(row);
    const people: Member[] = pick(changes, 'member');
    if (people.length > 0) {
      entry.takeMembers(people);
      members.get(room)?.apply(people);
    }
    const messages = pick(changes, 'message');
    if (messages.length > 0) {
      const isRecounted = this.#messages(entry, messages);
      timelines.get(room)?.apply(messages);
      if (isRecounted) this.recount(entry);
    }
    this.#saveRoom(entry);
  }

  /** Counts what is new; says whether something that was counted before has changed. */
  #messages(entry: RoomEntry, messages: readonly Message[]): boolean {
    const { me, outbox, typing } = this.#parts;
    const { lastSeq, readSeq } = entry;
    entry.count(messages);
    let isRecounted = false;
    for (const row of messages) {
      if (row.author === me) outbox.seen(row.nonce);
      else if (row.seq > lastSeq) typing.spoke(entry.id, row.author);
      else if (row.seq > readSeq) isRecounted = true;
    }
    return isRecounted;
  }

  #saveRoom(entry: RoomEntry): void {
    const cursor = this.#parts.feed.gaps.cursor(entry.id);
    if (cursor !== undefined) this.#parts.cache.saveRoom(entry.followed(cursor));
  }

  #saveBase(): void {
    const { me, feed, people, account, prefs, cache } = this.#parts;
    const user = people.get(me);
    if (user === undefined || account.settings === null) return;
    cache.saveBase({
      me: user,
      settings: account.settings,
      preferences: prefs.row(),
      user: feed.gaps.cursor(me) ?? 0,
      directory: feed.gaps.cursor(directory) ?? 0,
    });
  }
}

/** The rows of one kind, in order. */
function pick<K extends RowKind>(changes: readonly Change[], kind: K): RowTypes[K][] {
  return changes.flatMap((change) => (change.kind === kind ? [change.row as RowTypes[K]] : []));
}
