import { asApiError } from '../net/api.ts';
import type { Change, ChangePage } from '../wire.ts';

/** What Gaps works for. */
export interface Host {
  /** The rows of a scope after a cursor. */
  fetch(scope: string, after: number): Promise<Omit<ChangePage, 'rows'> & { readonly rows: readonly Change[] }>;
  /** Rows to apply, in rev order. */
  apply(scope: string, changes: readonly Change[]): void;
  /** Too far behind: drop what is kept of the scope, load it anew, then call keep. */
  reset(scope: string): void;
  /** We may not see the scope any more. */
  lost(scope: string): void;
  /** Scopes with a smaller number are fetched first. */
  priority(scope: string): number;
}

interface Track {
  cursor: number;
  /** Live changes that wait for the gap before them to be filled. */
  held: Change[];
  busy: boolean;
}

/** Fetches at the same time: enough to hide the way, few enough to leave room for what people do. */
const parallel = 3;
/** After a fetch that failed while the line stayed up, unless the server says how long to wait. */
const retryAfter = 2_000;
/** More held changes than this are not worth keeping: the fetch brings them as well. */
const mostHeld = 2_000;

/** Rows of these scopes are applied only when all pages are there: messages must not show holes. */
function isAtomic(scope: string): boolean {
  return scope.startsWith('r_');
}

/**
 * Gaps keeps one cursor a scope and decides what a change means: next in line, known already, or proof
 * that something is missing, which is then fetched. It never applies a change twice or out of order.
 */
export class Gaps {
  readonly #host: Host;
  readonly #tracks = new Map<string, Track>();
  /** The highest rev heard of a scope, tracked or not. */
  readonly #heads = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #running = 0;
  #live = false;
  /** Counts lines: what was asked on an earlier one is not answered on this one. */
  #line = 0;
  #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Follows a scope whose state as of `cursor` we hold. What is known to be missing is fetched. */
  keep(scope: string, cursor: number): void {
    const track = this.#tracks.get(scope);
    if (track === undefined) this.#tracks.set(scope, { cursor, held: [], busy: false });
    else track.cursor = Math.max(track.cursor, cursor);
    this.#settle(scope);
  }

  /** Follows no longer. */
  forget(scope: string): void {
    this.#tracks.delete(scope);
    this.#heads.delete(scope);
    this.#waiting.delete(scope);
  }

  cursor(scope: string): number | undefined {
    return this.#tracks.get(scope)?.cursor;
  }

  scopes(): string[] {
    return [...this.#tracks.keys()];
  }

  /** The line is up, and this is where every scope stands. Scopes we follow that are missing are lost. */
  up(heads: Readonly<Record<string, number>>): void {
    this.#live = true;
    this.#line++;
    this.heads(heads);
    for (const [scope, track] of [...this.#tracks]) {
      const head = heads[scope];
      if (head === undefined) this.#host.lost(scope);
      else if (head < track.cursor) this.#ask(scope); // was the server set back to a backup? It will say bad_cursor
    }
  }

  /** The line broke: nothing can be fetched until it is back. */
  down(): void {
    this.#live = false;
    this.#line++;
    this.#running = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
    for (const track of this.#tracks.values()) track.busy = false;
  }

  /** Where scopes stand, from ready or resync. */
  heads(heads: Readonly<Record<string, number>>): void {
    for (const [scope, head] of Object.entries(heads)) {
      this.#hear(scope, head);
      this.#settle(scope);
    }
  }

  /** Is something of this scope known to be missing? */
  isBehind(scope: string): boolean {
    return (this.#tracks.get(scope)?.cursor ?? 0) < (this.#heads.get(scope) ?? 0);
  }

  /** How many scopes are known to be behind. */
  behind(): number {
    return this.scopes().filter((scope) => this.isBehind(scope)).length;
  }

  /** Changes that came live, in any order. Those that are next in line are applied together. */
  changes(changes: readonly Change[]): void {
    const touched = new Set<string>();
    for (const change of changes) {
      this.#hear(change.scope, change.rev);
      const track = this.#tracks.get(change.scope);
      if (track === undefined || change.rev <= track.cursor) continue;
      if (track.held.length < mostHeld) track.held.push(change);
      touched.add(change.scope);
    }
    for (const scope of touched) this.#settle(scope);
  }

  #hear(scope: string, rev: number): void {
    if (rev > (this.#heads.get(scope) ?? 0)) this.#heads.set(scope, rev);
  }

  /** Applies what is next in line, and asks for what is missing before the rest. */
  #settle(scope: string): void {
    const track = this.#tracks.get(scope);
    if (track === undefined || track.busy) return;
    const ready: Change[] = [];
    if (track.held.length > 0) {
      track.held.sort((a, b) => a.rev - b.rev);
      const rest: Change[] = [];
      for (const change of track.held) {
        if (change.rev === track.cursor + 1) {
          ready.push(change);
          track.cursor = change.rev;
        } else if (change.rev > track.cursor) rest.push(change);
      }
      track.held = rest;
    }
    if (track.cursor < (this.#heads.get(scope) ?? 0)) this.#ask(scope);
    if (ready.length > 0) this.#host.apply(scope, ready);
  }

  #ask(scope: string): void {
    this.#waiting.add(scope);
    this.#next();
  }

  #next(): void {
    while (this.#live && this.#running < parallel && this.#waiting.size > 0) {
      let best = '';
      for (const scope of this.#waiting) {
        if (best === '' || this.#host.priority(scope) < this.#host.priority(best)) best = scope;
      }
      this.#waiting.delete(best);
      const track = this.#tracks.get(best);
      if (track === undefined || track.busy) continue;
      track.busy = true;
      this.#running++;
      void this.#fill(best, track, this.#line);
    }
  }

  async #fill(scope: string, track: Track, line: number): Promise<void> {
    let wait = -1;
    const before = track.cursor;
    try {
      await this.#pages(scope, track, line);
      // What we heard of is not there yet: ask again, but not at once.
      if (track.cursor === before && this.isBehind(scope)) wait = retryAfter;
    } catch (thrown) {
      if (line !== this.#line) return;
      wait = this.#failed(scope, thrown);
    }
    if (line !== this.#line) return;
    track.busy = false;
    this.#running--;
    if (wait < 0) this.#settle(scope);
    else this.#later(scope, wait);
    this.#next();
  }

  async #pages(scope: string, track: Track, line: number): Promise<void> {
    const rows: Change[] = [];
    for (let after = track.cursor; ; ) {
      const page = await this.#host.fetch(scope, after);
      if (line !== this.#line || this.#tracks.get(scope) !== track) return;
      if (page.reset) {
        this.#reset(scope);
        return;
      }
      rows.push(...page.rows);
      const last = page.rows.at(-1)?.rev ?? after;
      if (page.more && last > after) {
        after = last;
        if (!isAtomic(scope)) this.#advance(scope, track, last, rows.splice(0));
        continue;
      }
      this.#hear(scope, page.head);
      this.#advance(scope, track, Math.max(page.head, last), rows);
      return;
    }
  }

  #advance(scope: string, track: Track, cursor: number, rows: readonly Change[]): void {
    const fresh = rows.filter((row) => row.rev > track.cursor); // keep() may have raised it meanwhile
    if (cursor > track.cursor) track.cursor = cursor;
    if (fresh.length > 0) this.#host.apply(scope, fresh);
  }

  /** Gives how long to wait before asking again, -1 for not at all. */
  #failed(scope: string, thrown: unknown): number {
    const error = asApiError(thrown);
    switch (error.code) {
      case 'not_found':
      case 'denied':
        this.#host.lost(scope);
        return retryAfter;
      case 'bad_cursor':
        this.#reset(scope);
        return -1;
      default:
        return error.retryAfter > 0 ? error.retryAfter * 1_000 : retryAfter;
    }
  }

  #reset(scope: string): void {
    this.forget(scope);
    this.#host.reset(scope);
  }

  #later(scope: string, wait: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#settle(scope);
    }, wait);
    this.#timers.add(timer);
  }
}
