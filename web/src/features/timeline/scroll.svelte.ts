import { tick, untrack } from 'svelte';
import type { Item, Place, Timeline } from '../../state/timeline.svelte.ts';
import * as win from './window.ts';

/** Less than this from the bottom is at the bottom. */
const near = 24; // px
/** The window moves when less than this is left to an edge. */
const ahead = 1.5; // viewports
/** At the newest, where nobody scrolls up yet, this much above is enough. */
const aheadFollowing = 0.5; // viewports

/**
 * Scroll decides which messages stand in the page and keeps what is on the screen where it is. The
 * scroller is a reversed column: its origin is the bottom, so scrollTop is 0 there and negative above,
 * and the browser itself stays pinned to the newest and never moves when older ones are put on top.
 */
export class Scroll {
  readonly #timeline: Timeline;
  readonly #newest: () => number;
  #scroller: HTMLElement | undefined;
  #held: { element: Element; top: number } | undefined;
  #asked = 0;
  /** Rows a following window keeps: more on a tall screen. */
  #kept = win.followKept;
  /** Where one is reading, null at the newest; kept, because the page is gone when a room is left. */
  left: Place | null = null;
  stretch: win.Stretch = $state.raw({ from: 0, to: null });
  /** At the newest message. */
  atBottom: boolean = $state(true);
  /** Seq of the newest message when the bottom was left; messages after it are counted. */
  leftAt: number = $state(0);
  /** Seqs of the first and last message that are on the screen, 0 if none. */
  top: number = $state(0);
  bottom: number = $state(0);

  readonly loaded: win.Loaded = $derived.by(() => win.loadedOf(this.#timeline.items));
  /** Trimmed before anything is drawn: of a thousand that come at once only the newest are. */
  readonly range: readonly [number, number] = $derived.by(() =>
    win.indices(win.trimmed(this.stretch, this.loaded, this.#kept), this.loaded),
  );
  readonly following: boolean = $derived(this.stretch.to === null);

  /** `newest` is the seq of the room's newest message, loaded or not. */
  constructor(timeline: Timeline, newest: () => number) {
    this.#timeline = timeline;
    this.#newest = newest;
  }

  attach(scroller: HTMLElement): () => void {
    this.#scroller = scroller;
    const onScroll = () => this.lookSoon();
    const sizes = new ResizeObserver(onScroll);
    sizes.observe(scroller);
    scroller.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(this.#asked);
      sizes.disconnect();
      scroller.removeEventListener('scroll', onScroll);
      this.#scroller = undefined;
    };
  }

  /** Before the rows change: remembers where the first row on the screen is. */
  hold(): void {
    const scroller = this.#scroller;
    this.#held = undefined;
    if (!scroller || (this.atBottom && this.following)) return;
    const row = this.#firstVisible(scroller);
    if (row) this.#held = { element: row, top: row.getBoundingClientRect().top };
  }

  /** After they changed: puts it back there. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (!held?.element.isConnected || !this.#scroller) return;
    const moved = held.element.getBoundingClientRect().top - held.top;
    if (Math.abs(moved) >= 0.5) this.#scroller.scrollTop += moved;
  }

  /** Follows the newest again. */
  follow(): void {
    this.stretch = win.following(this.loaded);
    this.#timeline.following = true;
    this.atBottom = true;
    this.leftAt = 0;
  }

  /** New messages arrived: a following window drops its oldest. */
  trim(): void {
    const next = win.trimmed(this.stretch, this.loaded, this.#kept);
    if (next !== this.stretch) this.stretch = next;
  }

  /** Goes to the newest message. */
  async toBottom(): Promise<void> {
    this.follow();
    await tick();
    if (this.#scroller) this.#scroller.scrollTop = 0;
    this.look();
  }

  /** Puts a loaded message on the screen: its middle in the middle, or its top at an offset. */
  async show(seq: number, offset: number | 'middle'): Promise<HTMLElement | undefined> {
    this.#timeline.following = false;
    this.stretch = win.around(seq, this.loaded);
    this.atBottom = false;
    this.leftAt = this.#newest();
    await tick();
    const scroller = this.#scroller;
    const row = this.row(seq);
    if (!scroller || !row) return undefined;
    const box = scroller.getBoundingClientRect();
    const at = row.getBoundingClientRect();
    const wanted = offset === 'middle' ? Math.max(0, (box.height - at.height) / 2) : offset;
    scroller.scrollTop += at.top - box.top - wanted;
    this.look();
    return row;
  }

  row(seq: number): HTMLElement | undefined {
    return this.#scroller?.querySelector<HTMLElement>(`[data-seq="${seq}"]`) ?? undefined;
  }

  /** Looks once the page is laid out. */
  lookSoon(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = requestAnimationFrame(() => this.look());
  }

  /** Looks at what is on the screen and moves the window when an edge is near. */
  look(): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    untrack(() => {
      const below = Math.max(0, -scroller.scrollTop);
      const above = scroller.scrollHeight - scroller.clientHeight - below;
      const margin = ahead * scroller.clientHeight;
      const [start, end] = this.range;
      const newest = end >= this.loaded.count && !this.#timeline.newer;
      this.#follow(below < near && (this.following || newest));
      if (above < (this.following ? aheadFollowing * scroller.clientHeight : margin)) this.#goUp(start);
      if (below < margin && !this.following) this.#goDown(end);
      this.#seen(scroller);
    });
  }

  #follow(atBottom: boolean): void {
    if (atBottom && !this.following) this.stretch = { from: this.stretch.from, to: null };
    if (!atBottom && this.following) {
      this.stretch = win.frozen(this.stretch, this.loaded);
      this.leftAt = this.#newest();
    }
    if (atBottom) this.leftAt = 0;
    this.atBottom = atBottom;
    this.#timeline.following = atBottom;
  }

  #goUp(start: number): void {
    if (start > 0) {
      this.stretch = win.up(this.stretch, this.loaded);
      if (this.following) this.#kept = Math.max(this.#kept, this.loaded.last - this.stretch.from + 1);
    } else if (this.#timeline.older && !this.#timeline.loading && !this.#timeline.error) void this.#timeline.loadOlder();
  }

  #goDown(end: number): void {
    if (end < this.loaded.count) this.stretch = win.down(this.stretch, this.loaded);
    else if (this.#timeline.newer && !this.#timeline.loading && !this.#timeline.error) void this.#timeline.loadNewer();
  }

  #seen(scroller: HTMLElement): void {
    const box = scroller.getBoundingClientRect();
    const rows = this.#rows(scroller);
    const first = rows[firstWhere(rows, (row) => row.getBoundingClientRect().bottom > box.top + 1)];
    const past = firstWhere(rows, (row) => row.getBoundingClientRect().bottom > box.bottom + 1);
    const last = rows[Math.min(past, rows.length) - 1];
    this.top = first ? seqOf(first) : 0;
    this.bottom = last ? seqOf(last) : 0;
    const key = this.atBottom ? undefined : first?.dataset.key;
    this.left = first && key ? { key, offset: first.getBoundingClientRect().top - box.top } : null;
  }

  #rows(scroller: HTMLElement): HTMLElement[] {
    return [...scroller.querySelectorAll<HTMLElement>('[data-seq]')];
  }

  #firstVisible(scroller: HTMLElement): HTMLElement | undefined {
    const edge = scroller.getBoundingClientRect().top;
    const rows = this.#rows(scroller);
    return rows[firstWhere(rows, (row) => row.getBoundingClientRect().bottom > edge + 1)];
  }
}

function seqOf(row: HTMLElement): number {
  return Number(row.dataset.seq);
}

/** The index of the first for which it holds; it must hold for all after it. */
function firstWhere<T>(list: readonly T[], holds: (value: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Messages of others after a seq. */
export function countAfter(items: readonly Item[], seq: number, me: string): number {
  let count = 0;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i];
    if (!item || (item.seq > 0 && item.seq <= seq)) break;
    if (item.author !== me && !item.deleted) count++;
  }
  return count;
}
