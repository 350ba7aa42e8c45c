import { describe, expect, test } from 'vitest';
import type { Item } from '../../state/timeline.svelte.ts';
import { isJumbo, langOf, reused, rowsOf } from './rows.ts';

const noon = new Date(2026, 2, 3, 12).getTime();
const minute = 60_000;

function item(seq: number, author: string, minutes: number, more: Partial<Item> = {}): Item {
  return {
    key: `k${seq}`,
    seq,
    author,
    text: 'hello',
    at: noon + minutes * minute,
    edited: false,
    deleted: false,
    mentions: [],
    status: 'sent',
    error: '',
    ...more,
  };
}

/** Rows in short: d = day, n = new line, M = message with head, m = without. */
function drawn(items: readonly Item[], newAfter = -1, start = 0, end = items.length): string {
  return rowsOf(items, start, end, newAfter)
    .map((row) => (row.kind === 'message' ? (row.head ? 'M' : 'm') : row.kind[0]))
    .join('');
}

describe('rows', () => {
  test('one author within five minutes has one head', () => {
    expect(drawn([item(1, 'a', 0), item(2, 'a', 4), item(3, 'a', 9), item(4, 'b', 9)])).toBe('dMmMM');
  });

  test('a deleted message parts', () => {
    expect(drawn([item(1, 'a', 0), item(2, 'a', 1, { deleted: true }), item(3, 'a', 2)])).toBe('dMMM');
  });

  test('a day begins with its line and a head', () => {
    expect(drawn([item(1, 'a', 0), item(2, 'a', 12 * 60)])).toBe('dMdM');
  });

  test('the New line stands after what was read, and grouping stops there', () => {
    expect(drawn([item(1, 'a', 0), item(2, 'a', 1), item(3, 'a', 2)], 1)).toBe('dMnMm');
  });

  test('nothing was read yet: the line stands at the very top', () => {
    expect(drawn([item(1, 'a', 0), item(2, 'a', 1)], 0)).toBe('dnMm');
  });

  test('everything was read: no line', () => {
    expect(drawn([item(1, 'a', 0), item(2, 'a', 1)], 2)).toBe('dMm');
  });

  test('a window shows the same rows as the whole, with a day line at its top', () => {
    const items = [item(1, 'a', 0), item(2, 'a', 1), item(3, 'a', 2), item(4, 'b', 3)];
    expect(drawn(items, -1, 1, 3)).toBe('dmm');
    expect(rowsOf(items, 0, 4, -1).slice(-2)).toEqual(rowsOf(items, 2, 4, -1).slice(-2));
  });
});

test('rows that are equal stay the same objects', () => {
  const items = [item(1, 'a', 0), item(2, 'a', 1)];
  const before = rowsOf(items, 0, 2, -1);
  const edited = { ...item(2, 'a', 1), text: 'changed' };
  const after = reused(rowsOf([item(1, 'a', 0), edited, item(3, 'a', 2)].with(0, items[0] as Item), 0, 3, -1), before);
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[1]).toBe(before[1]);
  expect(after[2]).not.toBe(before[2]);
});

test.each([
  ['早上好！', 'zh'],
  ['看看 https://example.org/a/very/long/address 里的', 'zh'],
  ['ok 好的', 'zh'],
  ['a note on 漢 in a long English sentence', 'und'],
  ['今日はいい天気ですね', 'und'],
  ['hello', 'und'],
])('the language of %s', (text, lang) => {
  expect(langOf(text)).toBe(lang);
});

test.each([
  ['🎉', true],
  ['👩‍👩‍👧 🎉', true],
  ['🎉🎉🎉🎉', false],
  ['hi 🎉', false],
  ['3', false],
])('%s is shown large: %s', (text, large) => {
  expect(isJumbo(text)).toBe(large);
});
