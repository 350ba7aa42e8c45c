import { asApiError, type ApiError } from '../net/api.ts';
import type { Calls, HistoryQuery } from '../net/calls.ts';
import { applyRows, endSeq, firstSeq, join, logOf, messageAt, tailOf, type Log } from '../sync/apply.ts';
import type { CachedLog } from '../sync/cache.ts';
import type { Entry, Outbox } from '../sync/outbox.ts';
import type { Message, Page } from '../wire.ts';
import type { RoomEntry } from './room.svelte.ts';

/** One message as the log shows it, sent or on its way. Plain and frozen: a changed message is a new object. */
export interface Item {
  /** Stays the same from the pending bubble to the acknowledged message: use it as the key of `each`. */
  readonly key: string;
  /** Place in the room, 0 while pending or failed. */
  readonly seq: number;
  readonly author: string;
  /** Markdown; '' if deleted. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** Ids of people named. */
  readonly mentions: readonly string[];
  readonly status: 'sent' | 'pending' | 'failed';
  /** Why it failed: a code for the catalogue; '' if it did not. */
  readonly error: string;
}

/** Which load is running. */
export type Loading = '' | 'newest' | 'around' | 'older' | 'newer';

/** What a component remembers of where it was scrolled to; the timeline only keeps it. */
export interface Place {
  readonly key: string;
  readonly offset: number;
}

/** Messages a page. */
const page = 50;
/** Following the newest messages, the stretch is cut back to `kept` when it has grown beyond `most`. */
const most = 600;
const kept = 200;
/** Reading far back, the newest part is let go beyond this, half at a time. */
const mostRead = 2_000;
/** More unread messages than this: opening loads around the first of them instead of the newest page. */
const farBehind = 40;

/** What a Timeline needs from the rest of the client. */
export interface TimelineHost {
  readonly me: string;
  readonly calls: Calls;
  readonly outbox: Outbox;
  /** Resolves when it is known which rooms the person is in. */
  readonly ready: Promise<void>;
  entry(room: string): RoomEntry | undefined;
  entered(room: string): void;
  exited(room: string): void;
  /** The live end of the log changed: worth storing. */
  changed(room: string): void;
}

/**
 * Timeline is a gapless stretch of one room's messages, oldest first, and what one can do with them.
 * At the live edge it ends with the newest message and the own pending ones, and grows by itself. The
 * DOM window over `items` belongs to the component.
 */
export class Timeline {
  readonly room: string;
  items: readonly Item[] = $state.raw([]);
  /** There are messages before the first, or after the last (then we are not at the live edge). */
  older: boolean = $state(false);
  newer: boolean = $state(false);
  /** There is something to show (also: the room is known to be empty). */
  ready: boolean = $state(false);
  loading: Loading = $state('');
  /** The last load that failed; null again with the next. */
  error: ApiError | null = $state.raw(null);
  /** The read mark when the room was opened: the "New" line stands after it until the room is left. */
  newAfter: number = $state(0);
  /** How many messages of others came after newAfter, at opening, and when the first of them came (ms; 0 unknown). */
  newCount: number = $state(0);
  newSince: number = $state(0);
  /** Set by the component: it shows the newest messages, so old ones may be dropped from the front. */
  following = true;
  /** Where the component was scrolled to when the room was left; null at the newest. */
  place: Place | null = null;

  readonly #host: TimelineHost;
  #log: Log | null = null;
  /** The live end, while `#log` is somewhere in the past. */
  #tail: Log | null = null;
  /** Rows that came while a page was on its way, which may be older than they. */
  #held: Message[] = [];
  /** Counts replacements of #log: a page asked for before one is of no use. */
  #turn = 0;
  #shown = new WeakMap<Message, Item>();
  #open = false;

  constructor(room: string, host: TimelineHost) {
    this.room = room;
    this.#host = host;
  }

  /** The room came on the screen; seq > 0 loads around that message. Sets the "New" line. */
  async open(seq: number): Promise<void> {
    this.#host.entered(this.room);
    const entry = this.#host.entry(this.room);
    if (!this.#open) {
      this.#open = true;
      this.newAfter = entry?.readSeq ?? 0;
      this.newCount = entry?.unread ?? 0;
      this.newSince = this.#since();
    }
    if (seq > 0) return this.around(seq);
    if (this.#log !== null && (!this.#log.newer || this.place !== null || this.bySeq(this.newAfter + 1) !== undefined)) return;
    const unread = (entry?.lastSeq ?? 0) - this.newAfter;
    if (entry !== undefined && entry.unread > 0 && unread > farBehind) await this.#jump('around', { around: this.newAfter + 1 });
    else await this.#jump('newest', {});
    this.newSince = this.#since();
  }

  /** The room left the screen. */
  leave(): void {
    this.#open = false;
    this.following = true;
    this.#host.exited(this.room);
    if (this.place !== null || this.#log === null || this.loading !== '') return;
    const live = this.#live();
    // Somewhere in the past is worth keeping for a quick return, and so is what is short enough.
    if (live === null || (live === this.#log && live.messages.length <= kept)) return;
    this.#tail = null;
    this.#replace(tailOf(live, kept));
  }

  async loadOlder(): Promise<void> {
    const log = this.#log;
    if (log === null || !log.older || this.loading !== '') return;
    await this.#extend('older', { before: firstSeq(log) });
    if (this.#log !== null && this.#log.messages.length > mostRead) this.#letNewestGo(this.#log);
  }

  async loadNewer(): Promise<void> {
    const log = this.#log;
    if (log === null || !log.newer || this.loading !== '') return;
    await this.#extend('newer', { after: endSeq(log) });
    this.#meetTail();
  }

  /** Goes to the live edge. */
  async toNewest(): Promise<void> {
    if (this.#log !== null && !this.#log.newer) return;
    const tail = this.#tail;
    if (tail !== null && !tail.newer) {
      this.#tail = null;
      this.#replace(tail);
      return;
    }
    await this.#jump('newest', {});
  }

  /** Loads a window around a message, unless it is loaded already. */
  async around(seq: number): Promise<void> {
    if (this.#log !== null && messageAt(this.#log, seq) !== undefined) return;
    await this.#jump('around', { around: seq });
    this.#meetTail();
  }

  /** Seq of the first message not before a moment (ms), for "jump to date"; 0 if there is none. Throws ApiError. */
  async seqAt(at: number): Promise<number> {
    const last = this.#host.entry(this.room)?.lastSeq ?? 0;
    let low = 1;
    let high = last + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = await this.#message(middle);
      if (found === undefined || Date.parse(found.created_at) >= at) high = middle;
      else low = middle + 1;
    }
    return low <= last ? low : 0;
  }

  /** Shows a pending bubble at once and sends. */
  send(text: string): void {
    this.#host.outbox.add(this.room, text);
    void this.toNewest();
  }

  retry(key: string): void {
    this.#host.outbox.retry(nonceOf(key));
  }

  /** Drops a failed message. */
  discard(key: string): void {
    this.#host.outbox.discard(nonceOf(key));
  }

  /** Throws ApiError. */
  async edit(seq: number, text: string): Promise<void> {
    this.apply([await this.#host.calls.edit(this.room, seq, text)]);
  }

  /** Throws ApiError. */
  async remove(seq: number): Promise<void> {
    this.apply([await this.#host.calls.remove(this.room, seq)]);
  }

  /** The newest own message that can be edited: what ArrowUp in an empty composer takes. */
  lastOwn(): Item | undefined {
    return this.items.findLast((item) => item.author === this.#host.me && item.status === 'sent' && !item.deleted && item.seq > 0);
  }

  /** The item of a seq if it is loaded. */
  bySeq(seq: number): Item | undefined {
    const found = this.#log === null ? undefined : messageAt(this.#log, seq);
    return found === undefined ? undefined : this.#show(found);
  }

  /** Rows of the room's scope. */
  apply(rows: readonly Message[]): void {
    if (this.loading !== '') this.#held.push(...rows);
    const last = this.#host.entry(this.room)?.lastSeq ?? 0;
    if (this.#tail !== null) this.#tail = applyRows(this.#tail, rows, Math.max(last, endSeq(this.#tail)));
    if (this.#log === null) return;
    let log = applyRows(this.#log, rows, Math.max(last, endSeq(this.#log)));
    if (!log.newer && this.following && log.messages.length > most) log = tailOf(log, kept);
    const torn = log.newer && !this.#log.newer; // rows are missing right before the newest ones
    if (log !== this.#log) this.#set(log);
    if (torn && this.#open) void this.loadNewer();
  }

  /** What was stored of the room; nothing is asked for. */
  seed(cached: CachedLog): void {
    if (this.#log !== null) return;
    this.#set({ messages: cached.messages, older: cached.older, newer: false });
  }

  /** The newest messages if we hold them without a gap, for the cache and for counting. */
  live(): Log | undefined {
    const live = this.#live();
    return live === null || this.loading !== '' ? undefined : live;
  }

  /** Nothing is held or on its way: rows that were skipped cannot be missed. */
  get empty(): boolean {
    return this.#log === null && this.#tail === null && this.loading === '';
  }

  /** The outbox changed. */
  refresh(): void {
    if (this.#log !== null) this.#build(this.#log);
  }

  /** Too far behind, or no longer a member: everything goes; loads again if it is on the screen. */
  drop(reload: boolean): void {
    this.#tail = null;
    this.#replace(null);
    if (reload && this.#open) void this.#jump('newest', {});
  }

  #live(): Log | null {
    if (this.#log !== null && !this.#log.newer) return this.#log;
    return this.#tail !== null && !this.#tail.newer ? this.#tail : null;
  }

  /** Shows another stretch; the live end is kept aside. */
  async #jump(kind: Loading, query: HistoryQuery): Promise<void> {
    await this.#load(kind, query, (got) => {
      const live = this.#live();
      this.#tail = got.newer && live !== null ? tailOf(live, kept) : null;
      return logOf(got);
    });
  }

  async #extend(kind: Loading, query: HistoryQuery): Promise<void> {
    await this.#load(kind, query, (got) => (this.#log === null ? logOf(got) : join(this.#log, got)));
  }

  async #load(kind: Loading, query: HistoryQuery, merge: (got: Page) => Log): Promise<void> {
    const turn = ++this.#turn;
    this.loading = kind;
    this.error = null;
    if (this.#held.length > 0) this.#held = [];
    try {
      await this.#host.ready;
      const got = await this.#host.calls.history(this.room, { ...query, limit: page });
      if (turn !== this.#turn) return;
      const last = Math.max(got.last_seq, this.#host.entry(this.room)?.lastSeq ?? 0);
      const merged = merge(got);
      this.#seen(got.messages);
      this.loading = '';
      this.#set(applyRows(merged, this.#held, last));
    } catch (thrown) {
      if (turn === this.#turn) this.error = asApiError(thrown);
    } finally {
      if (turn === this.#turn) this.loading = '';
    }
  }

  async #message(seq: number): Promise<Message | undefined> {
    const here = this.#log === null ? undefined : messageAt(this.#log, seq);
    if (here !== undefined) return here;
    const got = await this.#host.calls.history(this.room, { before: seq + 1, limit: 1 });
    return got.messages[0];
  }

  /** Reading far back: the newest part is kept aside or, if it is not live, dropped. */
  #letNewestGo(log: Log): void {
    const live = this.#live();
    if (live !== null) this.#tail = tailOf(live, kept);
    this.#set({ messages: log.messages.slice(0, mostRead / 2), older: log.older, newer: true });
  }

  /** Joins with the live end when the stretch has come up to it. */
  #meetTail(): void {
    const [log, tail] = [this.#log, this.#tail];
    if (log === null || tail === null || endSeq(log) + 1 < firstSeq(tail)) return;
    this.#tail = null;
    const { older, newer } = tail;
    this.#set(join(log, { messages: [...tail.messages], older, newer, head: 0, last_seq: endSeq(tail) }));
  }

  #replace(log: Log | null): void {
    this.#turn++;
    this.loading = '';
    if (log !== null) this.#set(log);
    else {
      this.#log = null;
      this.items = [];
      this.ready = this.older = this.newer = false;
    }
  }

  #set(log: Log): void {
    this.#log = log;
    this.older = log.older;
    this.newer = log.newer;
    this.ready = true;
    this.#build(log);
    if (this.#live() !== null) this.#host.changed(this.room);
  }

  #build(log: Log): void {
    const items = log.messages.map((message) => this.#show(message));
    if (!log.newer) {
      for (const entry of this.#host.outbox.of(this.room)) {
        if (entry.seq === 0 || entry.seq > endSeq(log)) items.push(itemOfEntry(entry, this.#host.me));
      }
    }
    this.items = items;
  }

  #show(message: Message): Item {
    let item = this.#shown.get(message);
    if (item === undefined) {
      item = itemOf(message);
      this.#shown.set(message, item);
    }
    return item;
  }

  /** Own messages in a page need their outbox entry no longer. */
  #seen(rows: readonly Message[]): void {
    for (const row of rows) if (row.author === this.#host.me) this.#host.outbox.seen(row.nonce);
  }

  /** When the first message after the "New" line came. */
  #since(): number {
    if (this.newCount === 0 || this.#log === null) return 0;
    const first = this.#log.messages.find((row) => row.seq > this.newAfter && row.author !== this.#host.me);
    return first === undefined || firstSeq(this.#log) > this.newAfter + 1 ? 0 : Date.parse(first.created_at);
  }
}

/** A nonce alone is not enough: somebody may post with one seen in another's message. */
function keyOf(author: string, nonce: string): string {
  return `${author}/${nonce}`;
}

function nonceOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

function itemOf(message: Message): Item {
  return Object.freeze({
    key: keyOf(message.author, message.nonce),
    seq: message.seq,
    author: message.author,
    text: message.text,
    at: Date.parse(message.created_at),
    edited: message.edited_at !== undefined,
    deleted: message.deleted_at !== undefined,
    mentions: message.mentions ?? [],
    status: 'sent',
    error: '',
  });
}

/** An acknowledged entry shows as sent: its row is only a moment behind. */
function itemOfEntry(entry: Entry, me: string): Item {
  const { seq, text, at, error } = entry;
  const key = keyOf(me, entry.nonce);
  const status = seq > 0 ? 'sent' : entry.status;
  return Object.freeze({ key, seq, author: me, text, at, edited: false, deleted: false, mentions: [], status, error });
}
