import { tick } from 'svelte';
import type { Timeline } from '../../state/timeline.svelte.ts';
import type { Scroll } from './scroll.svelte.ts';

/** Messages already read that stay above the first new one, and the room the day's date takes there. */
const readAbove = 2;
const dateRoom = 44; // px

/** Arrival is where one comes in: at a message, at the place one left, at what is new, or at the newest. */
export class Arrival {
  /** Key of the message that a permanent link named. */
  flashed: string = $state('');
  readonly #timeline: Timeline;
  readonly #scroll: Scroll;
  readonly #gone: () => void;

  /** `gone` is called when a named message is not there. */
  constructor(timeline: Timeline, scroll: Scroll, gone: () => void) {
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#gone = gone;
  }

  /** Seq of the first message that was not read at opening. */
  get firstNew(): number {
    return this.#timeline.newAfter + 1;
  }

  /** Opens the room; seq > 0 names a message. */
  async at(seq: number): Promise<void> {
    const timeline = this.#timeline;
    await timeline.open(seq);
    if (seq > 0) return this.#point(seq);
    const { place, items } = timeline;
    if (place) return this.#land(items.findIndex((item) => item.key === place.key), place.offset);
    if (timeline.newCount > 0) return this.#landAtNew();
    await this.#scroll.toBottom();
  }

  async atFirstNew(): Promise<void> {
    await this.#timeline.around(this.firstNew);
    await this.#landAtNew();
  }

  async #landAtNew(): Promise<void> {
    const first = this.#timeline.items.findIndex((item) => item.seq >= this.firstNew);
    await this.#land(first - readAbove, dateRoom);
  }

  async #land(index: number, offset: number): Promise<void> {
    const item = this.#timeline.items[Math.max(0, index)];
    if (item && item.seq > 0) await this.#scroll.show(item.seq, offset);
    else await this.#scroll.toBottom();
  }

  async #point(seq: number): Promise<void> {
    const row = await this.#scroll.show(seq, 'middle');
    if (!row) return this.#gone();
    this.flashed = ''; // the same link again flashes again
    await tick();
    this.flashed = row.dataset.key ?? '';
    row.focus({ preventScroll: true });
  }
}
