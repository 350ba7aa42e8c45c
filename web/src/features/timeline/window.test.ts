import { describe, expect, test } from 'vitest';
import * as win from './window.ts';

/** Messages first … last are loaded, and so many are pending after them. */
function loaded(first: number, last: number, pending = 0): win.Loaded {
  return { first, last, count: last - first + 1 + pending };
}

describe('the window', () => {
  test('reads what is loaded', () => {
    expect(win.loadedOf([{ seq: 5 }, { seq: 6 }, { seq: 0 }])).toEqual({ first: 5, last: 6, count: 3 });
    expect(win.loadedOf([])).toEqual({ first: 0, last: 0, count: 0 });
    expect(win.loadedOf([{ seq: 0 }])).toEqual({ first: 0, last: 0, count: 1 });
  });

  test('follows the newest with what is pending', () => {
    const all = loaded(1, 1000, 2);
    const stretch = win.following(all);
    expect(win.indices(stretch, all)).toEqual([950, 1002]);
  });

  test('is trimmed only beyond its most', () => {
    const stretch = win.following(loaded(1, 100));
    expect(win.trimmed(stretch, loaded(1, 120))).toBe(stretch);
    expect(win.indices(win.trimmed(stretch, loaded(1, 121)), loaded(1, 121))).toEqual([71, 121]);
  });

  test('goes on following when it needs more rows above, and keeps them', () => {
    const all = loaded(1, 1000);
    const taller = win.up(win.following(all), all);
    expect(taller).toEqual({ from: 901, to: null });
    expect(win.trimmed(taller, loaded(1, 1010), 100)).toBe(taller);
    expect(win.trimmed(taller, loaded(1, 1030), 100)).toEqual({ from: 931, to: null });
    expect(win.up(win.up(taller, all), all)).toEqual({ from: 851, to: null });
  });

  test('is found again when what it showed is gone', () => {
    expect(win.trimmed({ from: 900, to: null }, loaded(1, 50)).from).toBe(1);
    expect(win.trimmed({ from: 1, to: 40 }, loaded(900, 950)).to).toBeNull();
  });

  test('frozen, it stands still while messages come', () => {
    const stretch = win.frozen(win.following(loaded(1, 100)), loaded(1, 100));
    expect(win.indices(stretch, loaded(1, 130))).toEqual([50, 100]);
  });

  test('up and down keep it bounded and inside', () => {
    const all = loaded(1, 1000);
    let stretch = win.frozen(win.following(all), all);
    for (let i = 0; i < 30; i++) {
      stretch = win.up(stretch, all);
      const [start, end] = win.indices(stretch, all);
      expect(end - start).toBeLessThanOrEqual(win.readMost);
    }
    expect(win.indices(stretch, all)).toEqual([0, win.readMost]);
    for (let i = 0; i < 30; i++) stretch = win.down(stretch, all);
    expect(win.indices(stretch, all)).toEqual([1000 - win.readMost, 1000]);
  });

  test('older messages in front move nothing', () => {
    const stretch = win.around(500, loaded(450, 550));
    const [start, end] = win.indices(stretch, loaded(450, 550));
    expect(win.indices(stretch, loaded(400, 550))).toEqual([start + 50, end + 50]);
  });
});
