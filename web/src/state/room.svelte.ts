import { count, newer, type Counted, type Reader } from '../sync/apply.ts';
import type { FollowedRoom, Member, Membership, Message, Room } from '../wire.ts';
import type { People } from './people.svelte.ts';

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
  /** Seq of the newest message when the server first answered this page: what came later came live. */
  startSeq: number = $state(0);
  /** When the newest message came, ms since 1970; 0 if there is none. */
  lastAt: number = $state(0);
  /** Messages of others after the read mark; stops at limits.unread_bound (show "99+"). */
  unread: number = $state(0);
  /** Of those, the ones that name the person. In direct rooms every one counts. */
  mentions: number = $state(0);
  /** Direct rooms: ids of everybody in it but the person; [] is the note to self. */
  others: readonly string[] = $state.raw([]);
  /** The person's role in the room; guessed from who made it until the member list or a change tells. */
  role: Member['role'] = $state('member');
  /** There is an unsent draft. */
  hasDraft: boolean = $state(false);
  /** What to call it: the room's name, or the people in it ("Ann, Bob"), or the own name for the note to self. */
  readonly title: string = $derived.by(() => {
    if (this.room.name !== '' || !this.direct) return this.room.name;
    const people = this.others.length === 0 ? [this.#me] : this.others;
    return people.map((id) => this.#people.name(id)).filter(Boolean).join(', ');
  });

  readonly #me: string;
  readonly #people: People;
  /** The membership as the server has it; readSeq may be ahead of it, or behind after "mark unread". */
  #membership: Membership;
  /** What this device wants the mark to be and has not seen confirmed; -1 for nothing. */
  #wish = -1;
  /** The mark this device told the server last, -1 for none: its echo is no other device's doing. */
  #told = -1;
  /** Direct rooms: where each person's row stands. */
  #memberRevs = new Map<string, number>();

  constructor(from: FollowedRoom, me: string, people: People) {
    this.id = from.room.id;
    this.#me = me;
    this.#people = people;
    this.room = from.room;
    this.#membership = from.membership;
    this.role = from.room.created_by === me ? 'admin' : 'member';
    this.#show();
    this.others = (from.members ?? []).filter((id) => id !== me);
    this.#takeCounts(from);
  }

  get direct(): boolean {
    return this.room.kind === 'direct';
  }

  /** There is something to look at that is not muted away. */
  get calls(): boolean {
    return this.muted ? this.mentions > 0 && !this.direct : this.unread > 0;
  }

  get reader(): Reader {
    return { me: this.#me, readSeq: this.readSeq, direct: this.direct };
  }

  /**
   * Takes the room in full, as of its head, when changes up to `cursor` were applied; says whether its
   * counts are now those of the mark we show.
   */
  take(from: FollowedRoom, cursor: number): boolean {
    const isCurrent = from.membership.rev >= this.#membership.rev && from.head >= cursor;
    this.takeRoom(from.room);
    this.takeMembership(from.membership);
    if (from.members !== undefined) this.#takeOthers(from.members);
    if (from.head >= cursor) this.#takeCounts(from);
    return isCurrent && this.#wish < 0;
  }

  setCounts(unread: number, mentions: number): void {
    this.unread = unread;
    this.mentions = this.direct ? unread : mentions;
  }

  /** Counts messages that are new. */
  count(rows: readonly Message[]): void {
    const have: Counted = { lastSeq: this.lastSeq, lastAt: this.lastAt, unread: this.unread, mentions: this.mentions };
    const now = count(have, rows, this.reader);
    this.lastSeq = now.lastSeq;
    this.lastAt = now.lastAt;
    this.unread = now.unread;
    this.mentions = now.mentions;
  }

  takeRoom(row: Room): void {
    this.room = newer(this.room, row);
  }

  /** Takes the person's own place; says whether the read mark moved. */
  takeMembership(row: Membership): boolean {
    if (row.rev < this.#membership.rev) return false;
    const before = this.readSeq;
    const moved = row.read_seq !== this.#membership.read_seq;
    this.#membership = row;
    // The wish is over when it came true, or when another device moved the mark past it meanwhile.
    const isEcho = row.read_seq === this.#told && row.read_seq !== this.#wish;
    if (moved && !isEcho && this.#wish <= row.read_seq) this.#wish = -1;
    if (row.read_seq === this.#told) this.#told = -1;
    this.#show();
    return this.readSeq !== before;
  }

  /** Moves the mark here, ahead of the server's answer. */
  wishRead(seq: number): void {
    const isKnown = seq === this.#membership.read_seq && (this.#told < 0 || this.#told === seq);
    this.#wish = isKnown ? -1 : seq;
    this.#show();
  }

  /** What has to be told to the server, -1 if nothing. */
  get wish(): number {
    return this.#wish;
  }

  /** The wish is told; says whether it moves the mark back. */
  tell(): boolean {
    const isBack = this.#wish < Math.max(this.#membership.read_seq, this.#told);
    this.#told = this.#wish;
    return isBack;
  }

  /** Takes rows of the room's members, of which only the own role and a conversation's people matter here. */
  takeMembers(rows: readonly Member[]): void {
    for (const row of rows) {
      if (row.user === this.#me) {
        this.role = row.role;
        continue;
      }
      if (!this.direct || row.rev < (this.#memberRevs.get(row.user) ?? 0)) continue;
      this.#memberRevs.set(row.user, row.rev);
      const isHere = this.others.includes(row.user);
      if (row.left && isHere) this.others = this.others.filter((id) => id !== row.user);
      if (!row.left && !isHere) this.others = [...this.others, row.user];
    }
  }

  /** For the cache: the row as it stands at a cursor of the room's scope. */
  followed(head: number): FollowedRoom {
    const row: FollowedRoom = {
      room: this.room,
      membership: { ...this.#membership, read_seq: this.readSeq },
      head,
      last_seq: this.lastSeq,
      unread: this.unread,
      mentions: this.mentions,
    };
    if (this.lastAt > 0) row.last_at = new Date(this.lastAt).toISOString();
    if (this.direct) row.members = [this.#me, ...this.others];
    return row;
  }

  #takeCounts(from: FollowedRoom): void {
    this.lastSeq = from.last_seq;
    this.lastAt = from.last_at === undefined ? 0 : Date.parse(from.last_at);
    this.setCounts(from.unread, from.mentions);
  }

  /** People of a conversation as the server listed them. */
  #takeOthers(members: readonly string[]): void {
    const others = members.filter((id) => id !== this.#me);
    if (others.join() !== this.others.join()) this.others = others;
  }

  #show(): void {
    this.favorite = this.#membership.favorite;
    this.muted = this.#membership.muted;
    this.readSeq = this.#wish >= 0 ? this.#wish : this.#membership.read_seq;
  }
}
