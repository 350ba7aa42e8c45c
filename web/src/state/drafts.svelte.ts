import { SvelteMap } from 'svelte/reactivity';
import type { Calls } from '../net/calls.ts';
import type { Cache, CachedDraft } from '../sync/cache.ts';
import type { Draft } from '../wire.ts';

/** A draft goes to the server when nothing was typed for this long … */
const pause = 1_000;
/** … or at the latest after this long. */
const longest = 8_000;

/** Drafts are texts not sent yet, one a room, on all devices. */
export class Drafts {
  /** Called when a room's draft appeared or went. */
  onChange: (room: string, there: boolean) => void = () => {};
  readonly #texts = new SvelteMap<string, string>();
  readonly #remote = new SvelteMap<string, number>();
  readonly #revs = new Map<string, number>();
  /** Rooms whose text the server does not have, and since when (ms). */
  readonly #dirty = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #calls: Calls;
  readonly #cache: Cache;
  #online = false;

  constructor(calls: Calls, cache: Cache) {
    this.#calls = calls;
    this.#cache = cache;
  }

  /** Reactive; '' if there is none. */
  text(room: string): string {
    return this.#texts.get(room) ?? '';
  }

  /** Counts up when another device changed the room's draft: take text() over then. Reactive. */
  remote(room: string): number {
    return this.#remote.get(room) ?? 0;
  }

  /** Keeps the text here at once and on the server a moment later. */
  set(room: string, text: string): void {
    if (text === this.text(room)) return;
    this.#keep(room, text);
    const now = Date.now();
    const since = this.#dirty.get(room) ?? now;
    this.#dirty.set(room, since);
    this.#store(room);
    this.#later(room, Math.max(0, Math.min(pause, since + longest - now)));
  }

  /** After sending. */
  clear(room: string): void {
    if (this.text(room) === '' && !this.#dirty.has(room)) return;
    this.set(room, '');
    this.#later(room, 0);
  }

  load(drafts: readonly CachedDraft[]): void {
    for (const draft of drafts) {
      this.#revs.set(draft.room, draft.rev);
      if (draft.dirty) this.#dirty.set(draft.room, Date.now());
      this.#keep(draft.room, draft.text);
    }
  }

  /** Takes a row as it came. What was typed here and is not saved yet wins over it. */
  apply(row: Draft): void {
    if (row.rev <= (this.#revs.get(row.room) ?? 0)) return;
    this.#revs.set(row.room, row.rev);
    if (this.#dirty.has(row.room)) return;
    if (row.text !== this.text(row.room)) {
      this.#keep(row.room, row.text);
      this.#remote.set(row.room, this.remote(row.room) + 1);
    }
    this.#store(row.room);
  }

  /** All drafts there are, as of a cursor: those not named are gone. */
  snapshot(rows: readonly Draft[], cursor: number): void {
    for (const row of rows) this.apply(row);
    const named = new Set(rows.map((row) => row.room));
    for (const room of [...this.#texts.keys()]) {
      if (!named.has(room)) this.apply({ room, text: '', updated_at: '', rev: cursor });
    }
  }

  up(): void {
    this.#online = true;
    for (const room of this.#dirty.keys()) this.#later(room, 0);
  }

  down(): void {
    this.#online = false;
  }

  /** The page goes away: what is not saved is sent along. */
  leave(): void {
    for (const room of this.#dirty.keys()) this.#calls.api.beacon('PUT', `rooms/${room}/draft`, { text: this.text(room) });
  }

  drop(room: string): void {
    this.#dirty.delete(room);
    clearTimeout(this.#timers.get(room));
    this.#keep(room, '');
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #keep(room: string, text: string): void {
    if (text === '') this.#texts.delete(room);
    else this.#texts.set(room, text);
    this.onChange(room, text.trim() !== '');
  }

  #store(room: string): void {
    const rev = this.#revs.get(room) ?? 0;
    this.#cache.saveDraft({ room, text: this.text(room), rev, dirty: this.#dirty.has(room) });
  }

  #later(room: string, wait: number): void {
    clearTimeout(this.#timers.get(room));
    this.#timers.set(
      room,
      setTimeout(() => void this.#save(room), wait),
    );
  }

  async #save(room: string): Promise<void> {
    if (!this.#online || !this.#dirty.has(room)) return;
    const text = this.text(room);
    try {
      const row = await this.#calls.draft(room, text);
      if (this.text(room) === text) this.#dirty.delete(room);
      this.#revs.set(room, Math.max(row.rev, this.#revs.get(room) ?? 0));
      this.#store(room);
    } catch {
      // Kept here; it goes out with the next key or the next line.
    }
  }
}
