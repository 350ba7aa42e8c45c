import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ErrorBody, Post } from '../wire.ts';
import { Outbox, type Entry } from './outbox.ts';
import { ulid } from './ulid.ts';

let sent: Post[] = [];
let online = true;
let shelf: Map<string, Entry>;
let probes = 0;

function make(): Outbox {
  const keep = { put: (entry: Entry) => void shelf.set(entry.nonce, entry), remove: (nonce: string) => void shelf.delete(nonce) };
  const send = (post: Post): boolean => online && sent.push(post) > 0;
  return new Outbox(keep, send, () => probes++);
}

function ack(outbox: Outbox, { nonce, room }: { nonce: string; room: string }, seq: number): void {
  outbox.ack({ type: 'ack', nonce, room, seq, rev: seq, created_at: '' });
}

const error = (code: ErrorBody['code'], retry_after = 0): ErrorBody => ({ code, message: code, retry_after });

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  online = true;
  shelf = new Map();
  probes = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Outbox', () => {
  it('sends one a room at a time, in order', () => {
    const outbox = make();
    const [a, b] = [outbox.add('r', 'a'), outbox.add('r', 'b')];
    const other = outbox.add('s', 'c');
    expect(sent.map((post) => post.text)).toEqual(['a', 'c']);
    ack(outbox, a, 1);
    expect(sent.map((post) => post.text)).toEqual(['a', 'c', 'b']);
    expect(outbox.of('r').map((entry) => [entry.text, entry.seq])).toEqual([['a', 1], ['b', 0]]);
    outbox.seen(a.nonce);
    expect(outbox.of('r').map((entry) => entry.text)).toEqual(['b']);
    expect([...shelf.keys()].sort()).toEqual([b.nonce, other.nonce].sort());
  });

  it('sends again with the same nonce on the next line', () => {
    const outbox = make();
    const entry = outbox.add('r', 'a');
    outbox.down(1006);
    online = false;
    outbox.add('r', 'b');
    online = true;
    outbox.up();
    expect(sent.map((post) => post.nonce)).toEqual([entry.nonce, entry.nonce]);
  });

  it('takes the row for an answer', () => {
    const outbox = make();
    const entry = outbox.add('r', 'a');
    outbox.add('r', 'b');
    outbox.seen(entry.nonce);
    expect(sent.map((post) => post.text)).toEqual(['a', 'b']);
    ack(outbox, entry, 1);
    expect(outbox.of('r').map((other) => other.text)).toEqual(['b']);
  });

  it('shows what was refused and goes on with the rest', () => {
    const outbox = make();
    const entry = outbox.add('r', 'a');
    outbox.add('r', 'b');
    outbox.refused(entry.nonce, error('archived'));
    expect(outbox.of('r')[0]).toMatchObject({ status: 'failed', error: 'archived' });
    expect(sent.map((post) => post.text)).toEqual(['a', 'b']);
    outbox.retry(entry.nonce);
    expect(outbox.of('r')[0]).toMatchObject({ status: 'pending' });
    outbox.refused(entry.nonce, error('archived'));
    outbox.discard(entry.nonce);
    expect(outbox.of('r').map((other) => other.text)).toEqual(['b']);
  });

  it('waits as long as it is told when there is too much', () => {
    const outbox = make();
    const entry = outbox.add('r', 'a');
    outbox.refused(entry.nonce, error('too_many_requests', 3));
    expect(outbox.of('r')[0]?.status).toBe('pending');
    vi.advanceTimersByTime(2_999);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sent.map((post) => post.nonce)).toEqual([entry.nonce, entry.nonce]);
  });

  it('gives up after five errors of the server’s own', () => {
    const outbox = make();
    const entry = outbox.add('r', 'a');
    for (let i = 0; i < 5; i++) {
      outbox.refused(entry.nonce, error('internal'));
      vi.advanceTimersByTime(10_000);
    }
    expect(sent).toHaveLength(5);
    expect(outbox.of('r')[0]).toMatchObject({ status: 'failed', error: 'internal' });
  });

  it('does not break the next line with what broke the last one', () => {
    const outbox = make();
    const entry = outbox.add('r', 'much too long');
    outbox.down(1009);
    outbox.up();
    expect(sent).toHaveLength(1);
    expect(outbox.of('r')).toMatchObject([{ nonce: entry.nonce, status: 'failed', error: 'too_large' }]);
  });

  it('asks for the line when no answer comes', () => {
    make().add('r', 'a');
    vi.advanceTimersByTime(10_000);
    expect(probes).toBe(1);
  });

  it('takes up what an earlier page left, in order', () => {
    online = false;
    const first = make();
    for (const text of ['a', 'b', 'c']) first.add('r', text);
    online = true;
    const second = make();
    second.load([...shelf.values()].reverse());
    second.up();
    expect(second.of('r').map((entry) => entry.text)).toEqual(['a', 'b', 'c']);
    expect(sent.map((post) => post.text)).toEqual(['a']);
    expect(second.waiting()).toBe(3);
    second.dropRoom('r');
    expect(shelf.size).toBe(0);
  });
});

describe('ulid', () => {
  it('has 26 characters that begin with the time', () => {
    expect(ulid(1_469_918_176_385)).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(ulid(1) < ulid(2)).toBe(true);
  });
});
