import { describe, expect, test } from 'vitest';
import { triggerAt } from './complete.ts';
import { format, pastedLink, type Edit } from './format.ts';

function applied(text: string, edit: Edit): string {
  return text.slice(0, edit.from) + edit.insert + text.slice(edit.to);
}

describe('a name being typed', () => {
  test.each([
    ['at the start', '@an', 'person', 0, 'an'],
    ['after a space', 'hi @an', 'person', 3, 'an'],
    ['in Chinese without a space', '你好@王', 'person', 2, '王'],
    ['with the full-width sign', '你好＠王', 'person', 2, '王'],
    ['after Chinese punctuation', '好，@', 'person', 2, ''],
    ['a channel', 'see #gen', 'room', 4, 'gen'],
    ['a channel in Chinese', '看看#读书', 'room', 2, '读书'],
    ['after a bracket', '(@an', 'person', 1, 'an'],
  ])('%s', (_name, text, kind, start, query) => {
    expect(triggerAt(text, text.length)).toEqual({ kind, start, query });
  });

  test.each([
    ['an address', 'ann@example'],
    ['a fragment', 'https://example.org/#part'],
    ['a finished name', '@ann hello'],
    ['nothing', 'hello'],
  ])('not in %s', (_name, text) => {
    expect(triggerAt(text, text.length)).toBeUndefined();
  });

  test('looks only before the caret', () => {
    expect(triggerAt('@ann hello', 4)).toEqual({ kind: 'person', start: 0, query: 'ann' });
  });
});

describe('formats', () => {
  test('bold wraps and unwraps', () => {
    const edit = format('bold', 'say it now', 4, 6);
    expect(applied('say it now', edit)).toBe('say **it** now');
    expect(edit.select).toEqual([6, 8]);
    expect(applied('say **it** now', format('bold', 'say **it** now', 6, 8))).toBe('say it now');
  });

  test('italic within bold does not take the bold away', () => {
    expect(applied('**it**', format('italic', '**it**', 2, 4))).toBe('***it***');
  });

  test('quote takes whole lines', () => {
    expect(applied('a\nb', format('quote', 'a\nb', 0, 3))).toBe('> a\n> b');
    expect(applied('> a\n> b', format('quote', '> a\n> b', 2, 6))).toBe('a\nb');
  });

  test('a block stands on lines of its own', () => {
    expect(applied('x go y', format('block', 'x go y', 2, 4))).toBe('x \n```\ngo\n```\n y');
  });
});

describe('pasting an address', () => {
  test('over words makes a link', () => {
    const edit = pastedLink('https://example.org/a', 'see this', 4, 8);
    expect(edit && applied('see this', edit)).toBe('see [this](https://example.org/a)');
  });

  test.each([
    ['nothing selected', 'https://example.org', 4, 4],
    ['not an address', 'hello', 4, 8],
  ])('%s: stays a paste', (_name, pasted, start, end) => {
    expect(pastedLink(pasted, 'see this', start, end)).toBeUndefined();
  });
});
