import type { Read } from '../wire.ts';
import type { RoomEntry } from './room.svelte.ts';

/** This long a message must have been before the eyes to count as read. */
const glance = 500;
/** Marks are told to the server at most this often. */
const every = 500;

/** What Marks needs from the rest of the client. */
export interface MarksHost {
  entry(room: string): RoomEntry | undefined;
  entries(): readonly RoomEntry[];
  /** The tab is visible and focused. */
  attentive(): boolean;
  online(): boolean;
  send(frame: Read): void;
  /** The mark of a room moved here: count anew. */
  moved(entry: RoomEntry): void;
}

/** Something on the screen since a moment. */
interface Sight {
  readonly seq: number;
  readonly since: number;
}

/**
 * Marks move the read marks. A component says what is on the screen, and a message counts as read when
 * it was there for half a second in a focused, visible tab.
 */
export class Marks {
  readonly #host: MarksHost;
  #room = '';
  /** What is on the screen, growing in seq and in time. */
  #sights: Sight[] = [];
  #seq = 0;
  /** "Mark unread" was chosen in this room: the mark rests until the room is opened again. */
  #rests = '';
  readonly #telling = new Map<string, ReturnType<typeof setTimeout>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: MarksHost) {
    this.#host = host;
  }

  /** The newest message of a room that is on the screen; 0 when none is or the room is left. Call it on every change. */
  view(room: string, seq: number): void {
    if (seq === 0 && room !== this.#room) return; // an old room goes after the new one came
    if (room !== this.#room) {
      this.#room = room;
      this.#rests = '';
      this.#sights = [];
    }
    this.#seq = seq;
    this.#sights = this.#sights.filter((sight) => sight.seq <= seq);
    if (seq === 0) this.#room = '';
    this.#look();
  }

  /** Focus or visibility changed: what is on the screen is seen from now on. */
  attention(): void {
    this.#sights = [];
    this.#look();
  }

  /** Marks everything up to and with seq as read now. */
  read(room: string, seq: number): void {
    const entry = this.#host.entry(room);
    if (entry === undefined || seq <= entry.readSeq) return;
    this.#move(entry, seq);
  }

  /** Marks a room as read (Esc); gives an undo. */
  readRoom(room: string): () => void {
    const entry = this.#host.entry(room);
    return entry === undefined ? () => {} : this.#readAll([entry]);
  }

  /** Marks all rooms as read (Shift+Esc); gives an undo. */
  readAll(): () => void {
    return this.#readAll(this.#host.entries());
  }

  /** The message and all after it become unread; the mark then rests until the room is opened again. */
  unread(room: string, seq: number): void {
    const entry = this.#host.entry(room);
    if (entry === undefined || seq < 1) return;
    this.#rests = room;
    this.#move(entry, seq - 1);
  }

  /** The line is up: what was not told is told. */
  up(): void {
    for (const entry of this.#host.entries()) if (entry.wish >= 0) this.#tell(entry);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const timer of this.#telling.values()) clearTimeout(timer);
  }

  #readAll(entries: readonly RoomEntry[]): () => void {
    const before = entries.filter((entry) => entry.readSeq < entry.lastSeq).map((entry) => ({ entry, seq: entry.readSeq }));
    for (const { entry } of before) this.#move(entry, entry.lastSeq);
    return () => {
      for (const { entry, seq } of before) this.#move(entry, seq);
      this.#rests = this.#room;
    };
  }

  /** Moves the mark to what was on the screen long enough, and sleeps until the next will have been. */
  #look(): void {
    clearTimeout(this.#timer);
    const entry = this.#host.entry(this.#room);
    if (entry === undefined || this.#seq === 0 || this.#rests === this.#room || !this.#host.attentive()) return;
    const now = Date.now();
    if (this.#seq > (this.#sights.at(-1)?.seq ?? entry.readSeq)) this.#sights.push({ seq: this.#seq, since: now });
    const seen = this.#sights.findLast((sight) => now - sight.since >= glance);
    if (seen !== undefined) {
      this.#sights = this.#sights.filter((sight) => sight.seq > seen.seq);
      this.read(this.#room, seen.seq);
    }
    const next = this.#sights[0];
    if (next !== undefined) this.#timer = setTimeout(() => this.#look(), Math.max(1, next.since + glance - now));
  }

  #move(entry: RoomEntry, seq: number): void {
    entry.wishRead(seq);
    this.#host.moved(entry);
    this.#tell(entry);
  }

  /** Tells the newest wish of a room, now or when the last telling is long enough ago. */
  #tell(entry: RoomEntry): void {
    if (this.#telling.has(entry.id)) return;
    const { wish } = entry;
    if (wish < 0) return;
    if (!this.#host.online()) return;
    const frame: Read = { type: 'read', room: entry.id, seq: wish };
    this.#host.send(entry.tell() ? { ...frame, seq: wish + 1, unread: true } : frame);
    const timer = setTimeout(() => {
      this.#telling.delete(entry.id);
      if (entry.wish >= 0 && entry.wish !== wish) this.#tell(entry);
    }, every);
    this.#telling.set(entry.id, timer);
  }
}
