import type { Defer } from '../sync/feed.ts';

/**
 * The shortest time between two lots. The first message after a quiet moment is drawn with the next
 * frame; when more follow than can be read singly, each lot costs the same however many are in it.
 */
const apart = 80; // ms
/** A lot of more than this is a flood: what would be gone again at once is never drawn. */
const flood = 25;
const floodApart = 200; // ms
/** A hidden tab draws nothing. */
const hiddenApart = 100; // ms
/** A frame that has not come by then will not: the tab was hidden meanwhile. */
const lateFrame = 250; // ms

/** Pace says when the next lot of changes is applied. */
export class Pace {
  #last = 0;

  readonly defer: Defer = (flush, lately) => {
    const wait = this.#wait(lately);
    let isDone = false;
    const run = (): void => {
      if (isDone) return;
      isDone = true;
      this.#last = performance.now();
      flush();
    };
    if (wait > 0) {
      setTimeout(run, wait);
      return;
    }
    requestAnimationFrame(run);
    setTimeout(run, lateFrame);
  };

  #wait(lately: number): number {
    if (document.visibilityState !== 'visible') return hiddenApart;
    return this.#last + (lately > flood ? floodApart : apart) - performance.now();
  }
}
