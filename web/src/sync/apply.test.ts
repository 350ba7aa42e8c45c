import { describe, expect, it } from 'vitest';
import type { Message, Page } from '../wire.ts';
import { applyRows, count, join, newer, recount, tailOf, type Log, type Reader } from './apply.ts';

function message(seq: number, rev = seq, more: Partial<Message> = {}): Message {
  return { room: 'r', seq, rev, author: 'bob', nonce: `n${seq}`, text: `t${rev}`, created_at: '2026-03-01T08:00:00.000Z', ...more };
}

function log(from: number, to: number, older = from > 1, isNewer = false): Log {
  return { messages: Array.from({ length: to - from + 1 }, (_, i) => message(from + i)), older, newer: isNewer };
}

function page(from: number, to: number, last: number): Page {
  return { messages: [...log(from, to).messages], head: last, last_seq: last, older: from > 1, newer: to < last };
}

const show = ({ messages, older, newer: isNewer }: Log): string =>
  `${older ? '…' : ''}${messages.map((row) => (row.rev === row.seq ? row.seq : `${row.seq}@${row.rev}`)).join(' ')}${isNewer ? '…' : ''}`;

describe('applyRows', () => {
  it.each<[string, Log, Message[], number, string]>([
    ['the next one', log(3, 4), [message(5)], 5, '…3 4 5'],
    ['several, not in seq order', log(3, 4), [message(6), message(5, 7)], 6, '…3 4 5@7 6'],
    ['a hole', log(3, 4), [message(6)], 6, '…3 4…'],
    ['an edit inside', log(3, 4), [message(3, 9)], 4, '…3@9 4'],
    ['an old edit', { ...log(3, 4), messages: [message(3, 9), message(4)] }, [message(3, 5)], 4, '…3@9 4'],
    ['before the first', log(3, 4), [message(1, 9)], 4, '…3 4'],
    ['twice', log(3, 4), [message(5), message(5)], 5, '…3 4 5'],
    ['two states of a new one', log(3, 4), [message(5), message(5, 8)], 5, '…3 4 5@8'],
    ['the first of all', { messages: [], older: false, newer: false }, [message(1)], 1, '1'],
    ['away from the live end', log(3, 4, true, true), [message(9)], 9, '…3 4…'],
  ])('%s', (_name, have, rows, last, want) => {
    expect(show(applyRows(have, rows, last))).toBe(want);
  });

  it('keeps the very object when nothing changed', () => {
    const have = log(3, 4);
    expect(applyRows(have, [message(3), message(1, 9)], 4)).toBe(have);
  });
});

describe('join', () => {
  it.each<[string, Log, Page, string]>([
    ['older', log(5, 8), page(3, 4, 8), '…3 4 5 6 7 8'],
    ['the oldest', log(3, 8), page(1, 2, 8), '1 2 3 4 5 6 7 8'],
    ['newer', log(3, 4, true, true), page(5, 6, 8), '…3 4 5 6…'],
    ['the newest', log(3, 4, true, true), page(5, 8, 8), '…3 4 5 6 7 8'],
    ['overlapping', log(3, 6, true, true), page(5, 8, 8), '…3 4 5 6 7 8'],
    ['not touching', log(3, 4, true, true), page(7, 8, 8), '…7 8'],
    ['nothing older', log(1, 4, true), { ...page(1, 0, 4), older: false, messages: [] }, '1 2 3 4'],
  ])('%s', (_name, have, came, want) => {
    expect(show(join(have, came))).toBe(want);
  });

  it('keeps the newer of two states', () => {
    const have = { ...log(1, 2), messages: [message(1, 9), message(2)] };
    expect(show(join(have, { ...page(1, 3, 3) }))).toBe('1@9 2 3');
  });
});

describe('counting', () => {
  const reader: Reader = { me: 'ann', readSeq: 2, direct: false };
  const none = { lastSeq: 2, lastAt: 0, unread: 0, mentions: 0 };

  it.each<[string, Message[], Partial<Reader>, number, number, number]>([
    ['somebody else’s', [message(3)], {}, 3, 1, 0],
    ['a mention', [message(3, 3, { mentions: ['ann'] })], {}, 3, 1, 1],
    ['the own', [message(3, 3, { author: 'ann' })], {}, 3, 0, 0],
    ['known already', [message(2, 9)], {}, 2, 0, 0],
    ['read already', [message(3)], { readSeq: 5 }, 3, 0, 0],
    ['deleted', [message(3, 4, { deleted_at: 'x' })], {}, 3, 0, 0],
    ['a conversation', [message(3)], { direct: true }, 3, 1, 1],
    ['not in order', [message(4), message(3, 7)], {}, 4, 2, 0],
  ])('%s', (_name, rows, more, lastSeq, unread, mentions) => {
    expect(count(none, rows, { ...reader, ...more })).toMatchObject({ lastSeq, unread, mentions });
  });

  it('stops at the bound', () => {
    const rows = Array.from({ length: 150 }, (_, i) => message(3 + i));
    expect(count(none, rows, reader).unread).toBe(100);
  });

  it('counts anew only from a log that reaches the mark', () => {
    expect(recount(log(1, 5), 5, reader)).toEqual({ unread: 3, mentions: 0 });
    expect(recount(log(3, 5), 5, reader)).toEqual({ unread: 3, mentions: 0 });
    expect(recount(log(1, 6), 5, reader)).toEqual({ unread: 3, mentions: 0 });
    expect(recount(log(4, 5), 5, reader)).toBeUndefined();
    expect(recount(log(1, 4), 5, reader)).toBeUndefined();
    expect(recount(log(4, 5), 5, { ...reader, readSeq: 5 })).toEqual({ unread: 0, mentions: 0 });
  });
});

describe('rows', () => {
  it('the newer stays', () => {
    expect(newer({ rev: 2 }, { rev: 1 }).rev).toBe(2);
    expect(newer(undefined, { rev: 1 }).rev).toBe(1);
  });

  it('a tail is the end', () => {
    expect(show(tailOf(log(1, 5), 2))).toBe('…4 5');
    expect(show(tailOf(log(1, 5), 9))).toBe('1 2 3 4 5');
  });
});
