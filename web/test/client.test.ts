import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { App } from '../src/state/app.svelte.ts';
import { Client } from '../src/state/client.svelte.ts';
import { makePage, type Page } from './dom.ts';
import { World } from './world.ts';

let page: Page;
let open: Client[] = [];

beforeEach(() => {
  page = makePage();
});

afterEach(async () => {
  for (const client of open) await client.close(true);
  open = [];
});

/** Somebody's browser: an App whose network is the world. */
async function browse(world: World, me: string): Promise<Client> {
  world.asker = me;
  const globals = { WebSocket: function () { return world.connect(); }, fetch: world.fetch };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const app = new App();
  app.session.me = { id: me, username: 'me', name: 'me', role: 'member' };
  app.session.phase = 'in';
  const client = await Client.open(app, me);
  open.push(client);
  return client;
}

/** Leaves the page as a reload does: what is stored stays. */
async function unload(client: Client): Promise<void> {
  open = open.filter((other) => other !== client);
  await client.close(false);
}

/** Waits until something is so. */
async function until(what: () => boolean, hint = ''): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect.fail(`never came true: ${hint === '' ? what.toString() : hint}`);
}

/** What a client must show when it has heard everything. */
function expected(world: World, me: string): unknown {
  return world.roomsOf(me).sort().map((id) => {
    const followed = world.followed(me, id);
    const direct = followed.room.kind === 'direct';
    return {
      id,
      topic: followed.room.topic,
      favorite: followed.membership.favorite,
      readSeq: followed.membership.read_seq,
      lastSeq: followed.last_seq,
      unread: followed.unread,
      mentions: direct ? followed.unread : followed.mentions,
      others: direct ? (followed.members ?? []).filter((user) => user !== me).sort() : [],
    };
  });
}

function shown(client: Client): unknown {
  return [...client.rooms.all].sort((a, b) => (a.id < b.id ? -1 : 1)).map((entry) => ({
    id: entry.id,
    topic: entry.room.topic,
    favorite: entry.favorite,
    readSeq: entry.readSeq,
    lastSeq: entry.lastSeq,
    unread: entry.unread,
    mentions: entry.mentions,
    others: [...entry.others].sort(),
  }));
}

function texts(client: Client, room: string): string[] {
  return client.timeline(room).items.map((item) => item.text);
}

interface Cast {
  world: World;
  ann: string;
  bob: string;
  general: string;
}

function cast(seed = 1): Cast {
  const world = new World(seed);
  const ann = world.addUser('ann');
  const bob = world.addUser('bob');
  const general = world.addRoom('open', 'general', [ann, bob]);
  return { world, ann, bob, general };
}

describe('a client', () => {
  it('shows what is there and follows what comes', async () => {
    const { world, ann, bob, general } = cast();
    world.post(general, bob, 'first');
    const client = await browse(world, ann);
    await until(() => client.rooms.ready);
    const timeline = client.timeline(general);
    await timeline.open(0);
    expect(texts(client, general)).toEqual(['first']);
    await until(() => client.connection.state === 'online');
    world.post(general, bob, 'second @ann');
    await until(() => timeline.items.length === 2);
    expect(client.rooms.get(general)).toMatchObject({ unread: 2, mentions: 1, lastSeq: 2 });
    expect(client.people.name(bob)).toBe('bob');
    expect(client.title.text).toBe('(1) #general · Test');
  });

  it('sends: pending at once, then the same bubble', async () => {
    const { world, ann, general } = cast();
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    const timeline = client.timeline(general);
    await timeline.open(0);
    timeline.send('hello');
    const [pending] = timeline.items;
    expect(pending).toMatchObject({ text: 'hello', status: 'pending', seq: 0 });
    await until(() => timeline.items[0]?.seq === 1);
    expect(timeline.items).toHaveLength(1);
    expect(timeline.items[0]).toMatchObject({ key: pending?.key, status: 'sent' });
    expect(client.unsent()).toBe(0);
  });

  it('keeps what could not be sent over a reload, in order and once', async () => {
    const { world, ann, general } = cast();
    const first = await browse(world, ann);
    await until(() => first.connection.state === 'online');
    await first.timeline(general).open(0);
    world.down = true;
    world.cut();
    for (const text of ['one', 'two', 'three']) first.timeline(general).send(text);
    expect(texts(first, general)).toEqual(['one', 'two', 'three']);
    await unload(first);

    const second = await browse(world, ann);
    await second.timeline(general).open(0);
    expect(texts(second, general)).toEqual(['one', 'two', 'three']);
    world.down = false;
    second.connection.retryNow();
    await until(() => world.lastSeq(general) === 3);
    await until(() => second.timeline(general).items.every((item) => item.status === 'sent' && item.seq > 0));
    expect(world.messages(general).map((message) => message.text)).toEqual(['one', 'two', 'three']);
    expect(texts(second, general)).toEqual(['one', 'two', 'three']);
  });

  it('does not double a message whose answer was lost', async () => {
    const { world, ann, general } = cast();
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    await client.timeline(general).open(0);
    world.weather = { lose: 1, double: 0, shuffle: 0 };
    client.timeline(general).send('hello');
    await until(() => client.connection.state !== 'online');
    world.weather = { lose: 0, double: 0, shuffle: 0 };
    client.connection.retryNow();
    await until(() => client.timeline(general).items[0]?.seq === 1);
    expect(world.lastSeq(general)).toBe(1);
    expect(texts(client, general)).toEqual(['hello']);
  });

  it('draws from the cache before the network answers, and catches up', async () => {
    const { world, ann, bob, general } = cast();
    for (let i = 1; i <= 30; i++) world.post(general, bob, `message ${i}`);
    const first = await browse(world, ann);
    await until(() => first.connection.state === 'online');
    await first.timeline(general).open(0);
    first.marks.read(general, 30);
    await until(() => world.row(ann, 'membership', general).read_seq === 30);
    await until(() => first.people.complete);
    await unload(first);

    world.down = true;
    const second = await browse(world, ann);
    expect(second.rooms.ready).toBe(true);
    expect(texts(second, general)).toHaveLength(30);
    expect(second.people.name(bob)).toBe('bob');
    world.post(general, bob, 'while away');
    world.edit(general, 30, 'changed while away');
    world.rename(bob, 'Robert');
    world.down = false;
    second.connection.retryNow();
    await until(() => texts(second, general).length === 31);
    expect(texts(second, general).slice(-2)).toEqual(['changed while away', 'while away']);
    await until(() => second.people.name(bob) === 'Robert');
    expect(second.rooms.get(general)?.unread).toBe(1);
  });

  it('loads anew what is too far behind', async () => {
    const { world, ann, bob, general } = cast();
    world.behind = 20;
    world.post(general, bob, 'old');
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    await client.timeline(general).open(0);
    world.down = true;
    world.cut();
    for (let i = 1; i <= 40; i++) world.post(general, bob, `new ${i}`);
    world.down = false;
    client.connection.retryNow();
    await until(() => client.timeline(general).items.at(-1)?.text === 'new 40');
    expect(client.timeline(general).items).toHaveLength(41);
    await until(() => client.rooms.get(general)?.unread === 41);
  });

  it('loses a room it was removed from, and gains one it was added to', async () => {
    const { world, ann, bob, general } = cast();
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    world.leave(general, ann);
    await until(() => client.rooms.get(general) === undefined);
    const design = world.addRoom('closed', 'design', [bob]);
    world.post(design, bob, 'hidden');
    world.join(design, ann);
    await until(() => client.rooms.get(design) !== undefined);
    world.post(design, bob, 'hello @ann');
    await until(() => client.rooms.get(design)?.mentions === 1);
    expect(client.rooms.get(design)?.unread).toBe(1);
  });

  it('marks as read what was looked at, also from another device', async () => {
    const { world, ann, bob, general } = cast();
    for (let i = 1; i <= 5; i++) world.post(general, bob, `message ${i}`);
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    const timeline = client.timeline(general);
    await timeline.open(0);
    expect(timeline).toMatchObject({ newAfter: 0, newCount: 5 });
    page.focus(false);
    client.marks.view(general, 3);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(client.rooms.get(general)?.readSeq).toBe(0);
    page.focus(true);
    await until(() => client.rooms.get(general)?.readSeq === 3);
    expect(client.rooms.get(general)?.unread).toBe(2);
    await until(() => world.row(ann, 'membership', general).read_seq === 3);
    client.marks.unread(general, 2);
    await until(() => world.row(ann, 'membership', general).read_seq === 1);
    expect(client.rooms.get(general)).toMatchObject({ readSeq: 1, unread: 4 });
    world.read(ann, general, 5);
    await until(() => client.rooms.get(general)?.unread === 0);
    const undo = client.marks.readRoom(general);
    undo();
    expect(timeline.newAfter).toBe(0);
  });

  it('pages through a long history and comes back', async () => {
    const { world, ann, bob, general } = cast();
    for (let i = 1; i <= 300; i++) world.post(general, bob, `message ${i}`);
    world.read(ann, general, 300);
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    const timeline = client.timeline(general);
    await timeline.open(0);
    const seqs = (): number[] => timeline.items.map((item) => item.seq);
    const dense = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(seqs()).toEqual(dense(251, 300));
    await timeline.loadOlder();
    expect(seqs()).toEqual(dense(201, 300));
    await timeline.around(100);
    expect(seqs()).toEqual(dense(76, 125));
    expect(timeline).toMatchObject({ older: true, newer: true });
    world.post(general, bob, 'meanwhile');
    world.edit(general, 100, 'edited');
    await until(() => timeline.bySeq(100)?.text === 'edited');
    expect(seqs()).toEqual(dense(76, 125));
    await timeline.loadNewer();
    await timeline.loadNewer();
    expect(seqs()).toEqual(dense(76, 301));
    expect(timeline.newer).toBe(false);
    await timeline.around(10);
    expect(seqs()[0]).toBe(1);
    await timeline.toNewest();
    expect(seqs().at(-1)).toBe(301);
    expect(await timeline.seqAt(timeline.bySeq(250)?.at ?? 0)).toBe(250);
    expect(await timeline.seqAt(Date.parse('2030-01-01'))).toBe(0);
  });

  it('keeps a draft here, on the server and over a reload', async () => {
    const { world, ann, general } = cast();
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    client.drafts.set(general, 'half a sent');
    expect(client.rooms.get(general)?.hasDraft).toBe(true);
    await until(() => world.all(ann, 'draft')[0]?.text === 'half a sent');
    world.draft(ann, general, 'half a sentence');
    await until(() => client.drafts.text(general) === 'half a sentence');
    expect(client.drafts.remote(general)).toBe(1);
    await unload(client);
    world.down = true;
    const second = await browse(world, ann);
    expect(second.drafts.text(general)).toBe('half a sentence');
  });

  it('is signed out when the server says so, and forgets everything', async () => {
    const { world, ann } = cast();
    const client = await browse(world, ann);
    await until(() => client.connection.state === 'online');
    world.cut(4100);
    expect(client.app.session).toMatchObject({ phase: 'out', reason: 'ended', me: null });
    await client.close(true);
    world.down = true;
    const second = await browse(world, ann);
    expect(second.rooms.ready).toBe(false);
  });
});

describe('after any weather', () => {
  it.each(Array.from({ length: Number(process.env['SEEDS'] ?? 12) }, (_, i) => i + Number(process.env['SEED'] ?? 1)))('a client reaches the server’s state (seed %i)', async (seed) => {
    const { world, ann, bob, general } = cast(seed);
    const { random } = world;
    const cat = world.addUser('cat');
    const direct = world.addRoom('direct', '', [ann, bob]);
    const rooms = [general, direct, world.addRoom('closed', 'design', [bob, ann]), world.addRoom('open', 'random', [bob])];
    for (const room of rooms) for (let i = 0; i < 5; i++) world.post(room, bob, `before ${i} @ann`);
    let client = await browse(world, ann);
    await until(() => client.rooms.ready);
    await client.timeline(general).open(0);
    for (let step = 0; step < 150; step++) {
      world.weather = { lose: random.next() * 0.3, double: random.next() * 0.3, shuffle: random.next() * 0.3 };
      const room = random.pick(rooms);
      const last = world.lastSeq(room);
      const isIn = world.roomsOf(ann).includes(room);
      switch (random.below(15)) {
        case 0: world.edit(room, 1 + random.below(last), `edited ${step} @ann`); break;
        case 1: world.erase(room, 1 + random.below(last)); break;
        case 2: if (room !== direct) world[isIn ? 'leave' : 'join'](room, ann); break;
        case 3: if (isIn) world.read(ann, room, 1 + random.below(last), random.chance(0.3)); break;
        case 4: world.topic(room, `topic ${step}`); break;
        case 5: if (isIn) world.favorite(ann, room, random.chance(0.5)); break;
        case 6: world.rename(random.pick([bob, cat]), `name ${step}`); break;
        case 12: world.post(room, bob, `lagged ${step}`); if (isIn) client.timeline(room).send(`lagging ${step}`); for (const line of world.lines) line.lag(); break;
        case 7: world.cut(); client.connection.retryNow(); break;
        case 8: if (isIn) { client.timeline(room).send(`mine ${step}`); } break;
        case 9: await client.timeline(room).open(random.chance(0.5) ? 1 + random.below(last) : 0); break;
        case 10: client.timeline(room).leave(); break;
        case 11: if (random.chance(0.2)) { await unload(client); client = await browse(world, ann); } break;
        default: for (let i = random.below(15); i >= 0; i--) world.post(room, random.pick([bob, cat]), `said ${step}.${i} ${random.chance(0.2) ? '@ann' : ''}`);
      }
      if (random.chance(0.3)) await new Promise((resolve) => setTimeout(resolve, random.below(12)));
    }
    world.weather = { lose: 0, double: 0, shuffle: 0 };
    world.cut();
    client.connection.retryNow();
    await until(() => JSON.stringify(shown(client)) === JSON.stringify(expected(world, ann)), 'rooms equal').catch(() => {
      expect(shown(client)).toEqual(expected(world, ann));
    });
    for (const room of world.roomsOf(ann)) {
      const timeline = client.timeline(room);
      await timeline.open(0);
      await timeline.toNewest();
      // What was refused while the person was out of the room waits for them to choose.
      for (const item of timeline.items) if (item.status === 'failed') timeline.retry(item.key);
      const mine = (): unknown[] => timeline.items.map((item) => [item.seq, item.text]);
      const theirs = (): unknown[] => {
        const from = timeline.items[0]?.seq ?? 1;
        return world.messages(room).slice(from - 1).map((m) => [m.seq, m.text]);
      };
      await until(() => JSON.stringify(mine()) === JSON.stringify(theirs()), 'logs equal').catch(() => {
        expect(mine()).toEqual(theirs());
      });
    }
    for (const user of [bob, cat]) await until(() => client.people.name(user) === world.row('directory', 'user', user).name, 'names equal');
    await until(() => client.unsent() === 0, 'all sent');
  });
});
