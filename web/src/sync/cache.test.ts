import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Message, User } from '../wire.ts';
import { Cache, wipe, type Base, type CachedLog } from './cache.ts';

const me: User = { id: 'u_1', username: 'ann', name: 'Ann', role: 'member', disabled: false, created_at: '', rev: 1 };
const base: Base = {
  me,
  settings: { name: 'Test', registration: 'open', rev: 1 },
  preferences: { theme: 'dark', language: '', enter_key: 'send', rev: 1 },
  user: 3,
  directory: 5,
};

function log(cursor: number, text: string): CachedLog {
  const message: Message = { room: 'r_1', seq: 1, rev: cursor, author: 'u_1', nonce: 'n', text, created_at: '' };
  return { room: 'r_1', cursor, messages: [message], older: false, seenAt: 1 };
}

let open: Cache[] = [];

async function tab(user = me.id): Promise<Cache> {
  const cache = await Cache.open(user);
  open.push(cache);
  return cache;
}

afterEach(async () => {
  await Promise.all(open.map((cache) => cache.close()));
  open = [];
  await wipe('u_1');
  await wipe('u_2');
});

describe('Cache', () => {
  it('gives back what was kept, to the same person only', async () => {
    const cache = await tab();
    expect(await cache.load()).toBeUndefined();
    cache.saveBase(base);
    cache.savePerson(me);
    cache.saveLog(log(4, 'hello'));
    cache.saveDraft({ room: 'r_1', text: 'half', rev: 2, dirty: true });
    await cache.flush();
    expect(await (await tab()).load()).toMatchObject({
      base: { directory: 5, preferences: { theme: 'dark' } },
      people: [{ name: 'Ann' }],
      logs: [{ cursor: 4, messages: [{ text: 'hello' }] }],
      drafts: [{ text: 'half', dirty: true }],
    });
    expect(await (await tab('u_2')).load()).toBeUndefined();
  });

  it('never puts older rows over newer ones of another tab', async () => {
    const [ahead, late] = [await tab(), await tab()];
    ahead.saveBase({ ...base, directory: 9 });
    ahead.saveLog(log(9, 'new'));
    ahead.savePerson({ ...me, name: 'New', rev: 9 });
    await ahead.flush();
    late.saveBase(base);
    late.saveLog(log(4, 'old'));
    late.savePerson(me);
    await late.flush();
    expect(await late.load()).toMatchObject({
      base: { directory: 9 },
      logs: [{ messages: [{ text: 'new' }] }],
      people: [{ name: 'New' }],
    });
  });

  it('drops a room with everything in it, and empty drafts', async () => {
    const cache = await tab();
    cache.saveBase(base);
    cache.saveLog(log(4, 'hello'));
    cache.saveDraft({ room: 'r_2', text: 'x', rev: 1, dirty: false });
    await cache.flush();
    cache.removeRoom('r_1');
    cache.saveDraft({ room: 'r_2', text: '', rev: 2, dirty: false });
    await cache.flush();
    expect(await cache.load()).toMatchObject({ logs: [], drafts: [] });
  });

  it('keeps messages on their way through a clear, and loses all with a wipe, though another tab is open', async () => {
    const cache = await tab();
    cache.saveBase(base);
    cache.put({ nonce: 'n', room: 'r_1', text: 'x', at: 1, status: 'pending', error: '', seq: 0 });
    await cache.flush();
    cache.clear();
    await cache.flush();
    expect(await cache.load()).toBeUndefined();
    expect(await cache.outbox()).toHaveLength(1);
    await wipe(me.id);
    expect(await cache.load()).toBeUndefined();
    expect(await (await tab()).outbox()).toEqual([]);
  });

  it('does without a database', async () => {
    const { indexedDB } = globalThis;
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true, writable: true });
    const cache = await tab();
    cache.saveBase(base);
    cache.put({ nonce: 'n', room: 'r_1', text: 'x', at: 1, status: 'pending', error: '', seq: 0 });
    await cache.flush();
    expect(await cache.load()).toBeUndefined();
    Object.defineProperty(globalThis, 'indexedDB', { value: indexedDB, configurable: true, writable: true });
  });
});
