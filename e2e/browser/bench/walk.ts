import type { Page } from '@playwright/test';

/** What was seen on a way through the log. */
export interface Walk {
  readonly steps: number;
  /** Steps after which the messages on the screen were not dense, or did not fill it. */
  readonly gaps: number;
  /** The most a message moved beyond what was scrolled, px. */
  readonly drift: number;
  /** Steps that came up against the end of what was loaded. */
  readonly waits: number;
  /** Seq of the first message on the screen at the end. */
  readonly first: number;
}

interface Sight {
  readonly seqs: readonly number[];
  readonly tops: readonly number[];
  /** Free room above the first and below the last message, and the widest between two, px. */
  readonly hole: number;
  readonly still: boolean;
}

/** Turns the wheel so many times and looks after each turn at what is on the screen. */
export async function walk(page: Page, delta: number, steps: number): Promise<Walk> {
  const box = await page.locator('[role=log]').boundingBox();
  if (box === null) throw new Error('there is no log');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let before = await look(page);
  let [gaps, drift, waits] = [0, 0, 0];
  let turned = 0;
  while (turned < steps && before.seqs[0] !== 1) {
    turned++;
    await page.mouse.wheel(0, delta);
    const now = await look(page);
    // The message that was nearest to where one scrolls to is still there.
    const tracked = delta < 0 ? 0 : before.seqs.length - 1;
    const found = now.seqs.indexOf(before.seqs[tracked] ?? 0);
    const moved = found < 0 ? Number.POSITIVE_INFINITY : (now.tops[found] ?? 0) - (before.tops[tracked] ?? 0);
    const short = Math.abs(delta) - Math.abs(moved);
    if (short > 1.5 && Math.sign(moved) !== Math.sign(delta)) waits++;
    else drift = Math.max(drift, Math.abs(short));
    if (now.hole > 120 || now.seqs.some((seq, i) => i > 0 && seq !== (now.seqs[i - 1] ?? 0) + 1)) gaps++;
    before = now;
  }
  return { steps: turned, gaps, drift, waits, first: before.seqs[0] ?? 0 };
}

/** The messages on the screen once nothing moves any more. */
function look(page: Page): Promise<Sight> {
  return page.evaluate(async () => {
    const log = document.querySelector('[role=log]');
    if (log === null) throw new Error('there is no log');
    const see = (): Sight => {
      const edge = log.getBoundingClientRect();
      const rows = [...log.querySelectorAll<HTMLElement>('article[data-seq]')]
        .map((row) => ({ seq: Number(row.dataset['seq']), box: row.getBoundingClientRect() }))
        .filter(({ box }) => box.bottom > edge.top + 1 && box.top < edge.bottom - 1);
      const ends = [edge.top, ...rows.map(({ box }) => box.bottom)];
      const starts = [...rows.map(({ box }) => box.top), edge.bottom];
      return {
        seqs: rows.map(({ seq }) => seq),
        tops: rows.map(({ box }) => box.top),
        hole: Math.max(...starts.map((start, i) => start - (ends[i] ?? start))),
        still: log.getAttribute('aria-busy') !== 'true',
      };
    };
    const frame = (): Promise<unknown> => new Promise((drawn) => requestAnimationFrame(drawn));
    let sight = see();
    for (let same = 0, tries = 0; same < 3 && tries < 600; tries++) {
      await frame();
      const next = see();
      const isSame = next.still && next.seqs[0] === sight.seqs[0] && Math.abs((next.tops[0] ?? 0) - (sight.tops[0] ?? 0)) < 0.01;
      same = isSame ? same + 1 : 0;
      sight = next;
    }
    return sight;
  });
}
