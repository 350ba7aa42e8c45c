import { closeCode, type Ack, type ErrorBody, type Post } from '../wire.ts';
import { ulid } from './ulid.ts';

/** A message on its way. It is kept on the device until the server has it. */
export interface Entry {
  readonly nonce: string;
  readonly room: string;
  readonly text: string;
  /** When it was written, ms. */
  readonly at: number;
  readonly status: 'pending' | 'failed';
  /** Why it failed, a code for the catalogue; '' if it did not. */
  readonly error: string;
  /** Its place once the server acknowledged it, 0 before. */
  readonly seq: number;
}

/** Where entries outlive a reload. */
export interface Shelf {
  put(entry: Entry): void;
  remove(nonce: string): void;
}

/** Refusals that say "not now": the message goes out again by itself. */
const passing: ReadonlySet<string> = new Set(['too_many_requests', 'overloaded', 'internal']);
/** How often a message is tried again after an error of the server's own. */
const mostTries = 5;
/** An answer that takes longer makes us ask whether the line is alive. */
const patience = 10_000;

/**
 * Outbox sends what people write: one message a room at a time, so order is kept, with the same nonce
 * until the server has it. An acknowledged message stays until its row arrives, so nothing flickers.
 */
export class Outbox {
  /** Called when the entries of a room changed. */
  onChange: (room: string) => void = () => {};
  readonly #send: (post: Post) => boolean;
  readonly #probe: () => void;
  readonly #shelf: Shelf;
  readonly #entries = new Map<string, Entry>();
  /** Room → nonce that waits for an answer on the present line. */
  readonly #flying = new Map<string, string>();
  readonly #tries = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** Nonces grow, so that they keep the order over a reload. */
  #last = 0;

  constructor(shelf: Shelf, send: (post: Post) => boolean, probe: () => void) {
    this.#shelf = shelf;
    this.#send = send;
    this.#probe = probe;
  }

  /** Takes up what an earlier page left behind. */
  load(entries: readonly Entry[]): void {
    for (const entry of [...entries].sort((a, b) => (a.nonce < b.nonce ? -1 : 1))) {
      if (!this.#entries.has(entry.nonce)) this.#entries.set(entry.nonce, entry);
    }
    for (const room of this.#rooms()) this.onChange(room);
  }

  /** Everything of a room that is not in the log yet, oldest first. */
  of(room: string): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.room === room);
  }

  /** How many messages the server does not have yet. */
  waiting(): number {
    return [...this.#entries.values()].filter((entry) => entry.seq === 0).length;
  }

  add(room: string, text: string, now = Date.now()): Entry {
    this.#last = Math.max(now, this.#last + 1);
    const entry: Entry = { nonce: ulid(this.#last), room, text, at: now, status: 'pending', error: '', seq: 0 };
    this.#set(entry);
    this.#next(room);
    return entry;
  }

  /** Sends a failed message again: the same nonce, so it cannot be doubled. */
  retry(nonce: string): void {
    const entry = this.#entries.get(nonce);
    if (entry?.status !== 'failed') return;
    this.#tries.delete(nonce);
    this.#set({ ...entry, status: 'pending', error: '' });
    this.#next(entry.room);
  }

  discard(nonce: string): void {
    const entry = this.#entries.get(nonce);
    if (entry?.status === 'failed') this.#remove(entry);
  }

  /** The line is up: everything pending goes out. */
  up(): void {
    this.#flying.clear();
    for (const room of this.#rooms()) this.#next(room);
  }

  /** The line broke; with these codes because of what was in flight, which would break the next one too. */
  down(code: number): void {
    const atFault = code === closeCode.tooLarge || code === closeCode.notUTF8 || code === closeCode.badFrame;
    if (atFault) for (const nonce of this.#flying.values()) this.#fail(nonce, 'too_large');
    this.#flying.clear();
  }

  /** The server has it. Its row follows as a change. */
  ack(ack: Ack): void {
    const entry = this.#entries.get(ack.nonce);
    if (entry === undefined) return;
    this.#shelf.remove(ack.nonce);
    this.#tries.delete(ack.nonce);
    this.#entries.set(ack.nonce, { ...entry, status: 'pending', error: '', seq: ack.seq });
    this.onChange(entry.room);
    this.#landed(entry);
  }

  /** The server refused it. */
  refused(nonce: string, error: ErrorBody): void {
    const entry = this.#entries.get(nonce);
    if (entry === undefined || entry.seq > 0) return;
    const tries = (this.#tries.get(nonce) ?? 0) + 1;
    this.#tries.set(nonce, tries);
    if (!passing.has(error.code) || (error.code === 'internal' && tries >= mostTries)) {
      this.#fail(nonce, error.code);
      this.#landed(entry);
      return;
    }
    this.#after(Math.max(1, error.retry_after ?? tries) * 1_000, () => this.#landed(entry));
  }

  /** A message of ours is in the log: the entry has done its work. */
  seen(nonce: string): void {
    const entry = this.#entries.get(nonce);
    if (entry === undefined) return;
    this.#remove(entry);
    this.#landed(entry);
  }

  /** We are no longer in the room. */
  dropRoom(room: string): void {
    for (const entry of this.of(room)) this.#remove(entry);
    this.#flying.delete(room);
  }

  /** Drops what was written for rooms the person is no longer in. */
  sweep(isIn: (room: string) => boolean): void {
    for (const room of this.#rooms()) if (!isIn(room)) this.dropRoom(room);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#flying.clear();
  }

  #rooms(): Set<string> {
    return new Set([...this.#entries.values()].map((entry) => entry.room));
  }

  /** Sends the room's oldest pending message unless one is on its way. */
  #next(room: string): void {
    if (this.#flying.has(room)) return;
    for (const entry of this.#entries.values()) {
      if (entry.room !== room || entry.status !== 'pending' || entry.seq > 0) continue;
      if (!this.#send({ type: 'post', nonce: entry.nonce, room, text: entry.text })) return;
      this.#flying.set(room, entry.nonce);
      this.#after(patience, () => {
        if (this.#flying.get(room) === entry.nonce) this.#probe();
      });
      return;
    }
  }

  #landed(entry: Entry): void {
    if (this.#flying.get(entry.room) === entry.nonce) this.#flying.delete(entry.room);
    this.#next(entry.room);
  }

  #fail(nonce: string, error: string): void {
    const entry = this.#entries.get(nonce);
    if (entry !== undefined) this.#set({ ...entry, status: 'failed', error });
  }

  #set(entry: Entry): void {
    this.#entries.set(entry.nonce, entry);
    this.#shelf.put(entry);
    this.onChange(entry.room);
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.nonce);
    this.#tries.delete(entry.nonce);
    this.#shelf.remove(entry.nonce);
    this.onChange(entry.room);
  }

  #after(wait: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, wait);
    this.#timers.add(timer);
  }
}
