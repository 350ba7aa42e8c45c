// A server in memory that keeps the rules of the wire: scopes with revs, snapshots, pages, nonces. It
// answers fetch() and WebSocket, and it can be told to lose, double and shuffle what it sends.

import type { Line } from '../src/net/socket.ts';
import type {
  Change,
  ClientFrame,
  Draft,
  FollowedRoom,
  Member,
  Membership,
  Message,
  Page,
  Preferences,
  Room,
  RowKind,
  RowTypes,
  ServerFrame,
  Settings,
  Sync,
  User,
} from '../src/wire.ts';
import { Random } from './random.ts';

interface Scope {
  rev: number;
  /** Every row there is, by kind and key. */
  readonly rows: Map<string, Change>;
}

/** What goes wrong on the way to the client. */
export interface Weather {
  lose: number;
  double: number;
  shuffle: number;
}

const clear: Weather = { lose: 0, double: 0, shuffle: 0 };
const pageSize = 10; // changes a fetch: small, so that pages are met

export class World {
  readonly random: Random;
  weather: Weather = clear;
  /** Answers no request and accepts no line while true. */
  down = false;
  /** The signed-in person every request is made as; '' for nobody. */
  asker = '';
  /** A cursor further behind is answered with reset. */
  behind = 1_000;
  readonly lines = new Set<FakeLine>();
  readonly requests: string[] = [];
  readonly #scopes = new Map<string, Scope>();
  #now = Date.parse('2026-03-01T08:00:00.000Z');
  #ids = 0;

  constructor(seed = 1) {
    this.random = new Random(seed);
    this.#change('directory', 'settings', 'settings', { name: 'Test', registration: 'open' });
  }

  // What people do.

  addUser(username: string): string {
    const id = this.#id('u');
    this.#change('directory', 'user', id, { id, username, name: username, role: 'member', disabled: false, created_at: this.#time() });
    this.#change(id, 'preferences', id, { theme: 'system', language: '', enter_key: 'send' });
    return id;
  }

  rename(user: string, name: string): void {
    this.#change('directory', 'user', user, { ...this.row('directory', 'user', user), name });
  }

  addRoom(kind: Room['kind'], name: string, people: readonly string[]): string {
    const id = this.#id('r');
    const pair = kind === 'direct' && people.length <= 2;
    this.#change(id, 'room', id, {
      id, kind, name, topic: '', pair, default: false, created_by: people[0] ?? '', created_at: this.#time(),
    });
    for (const user of people) this.join(id, user);
    return id;
  }

  topic(room: string, topic: string): void {
    this.#change(room, 'room', room, { ...this.row(room, 'room', room), topic });
  }

  join(room: string, user: string): void {
    const joined_at = this.#time();
    this.#change(room, 'member', user, { room, user, role: 'member', joined_at, left: false });
    const read_seq = this.lastSeq(room);
    this.#change(user, 'membership', room, { room, read_seq, favorite: false, muted: false, left: false });
  }

  leave(room: string, user: string): void {
    this.#change(room, 'member', user, { ...this.row(room, 'member', user), left: true });
    this.#change(user, 'membership', room, { ...this.row(user, 'membership', room), left: true });
  }

  post(room: string, author: string, text: string, nonce = `${author}${++this.#ids}`): Message {
    const known = this.messages(room).find((message) => message.author === author && message.nonce === nonce);
    if (known !== undefined) return known;
    const mentions = [...text.matchAll(/@(\w+)/g)].flatMap(([, name]) => this.all('directory', 'user').filter((user) => user.username === name)).map((user) => user.id);
    const seq = this.lastSeq(room) + 1;
    const message = { room, seq, author, nonce, text, created_at: this.#time(), ...(mentions.length > 0 ? { mentions } : {}) };
    return this.#change(room, 'message', String(seq), message);
  }

  edit(room: string, seq: number, text: string): Message {
    return this.#change(room, 'message', String(seq), { ...this.row(room, 'message', String(seq)), text, edited_at: this.#time() });
  }

  erase(room: string, seq: number): Message {
    const { mentions: _gone, ...message } = this.row(room, 'message', String(seq));
    return this.#change(room, 'message', String(seq), { ...message, text: '', deleted_at: this.#time() });
  }

  read(user: string, room: string, seq: number, unread = false): void {
    const row = this.row(user, 'membership', room);
    const read_seq = unread ? seq - 1 : Math.min(seq, this.lastSeq(room));
    if (unread || read_seq > row.read_seq) this.#change(user, 'membership', room, { ...row, read_seq });
  }

  favorite(user: string, room: string, favorite: boolean): void {
    this.#change(user, 'membership', room, { ...this.row(user, 'membership', room), favorite });
  }

  draft(user: string, room: string, text: string): Draft {
    return this.#change(user, 'draft', room, { room, text, updated_at: this.#time() });
  }

  // What the state is.

  row<K extends RowKind>(scope: string, kind: K, key: string): RowTypes[K] {
    const change = this.#scope(scope).rows.get(`${kind}/${key}`);
    if (change === undefined) throw new Error(`there is no ${kind} ${key} in ${scope}`);
    return change.row as RowTypes[K];
  }

  all<K extends RowKind>(scope: string, kind: K): RowTypes[K][] {
    return [...this.#scope(scope).rows.values()].filter((change) => change.kind === kind).map((change) => change.row as RowTypes[K]);
  }

  messages(room: string): Message[] {
    return this.all(room, 'message').sort((a, b) => a.seq - b.seq);
  }

  lastSeq(room: string): number {
    return this.all(room, 'message').length;
  }

  head(scope: string): number {
    return this.#scope(scope).rev;
  }

  roomsOf(user: string): string[] {
    return this.all(user, 'membership').filter((row) => !row.left).map((row) => row.room);
  }

  counts(user: string, room: string): { unread: number; mentions: number } {
    const { read_seq } = this.row(user, 'membership', room);
    const unread = this.messages(room).filter((m) => m.seq > read_seq && m.author !== user && m.deleted_at === undefined);
    return { unread: Math.min(100, unread.length), mentions: Math.min(100, unread.filter((m) => m.mentions?.includes(user)).length) };
  }

  followed(user: string, room: string): FollowedRoom {
    const last = this.messages(room).at(-1);
    const row = this.row(room, 'room', room);
    return {
      room: row,
      membership: this.row(user, 'membership', room),
      head: this.head(room),
      last_seq: this.lastSeq(room),
      ...(last === undefined ? {} : { last_at: last.created_at }),
      ...this.counts(user, room),
      ...(row.kind === 'direct' ? { members: this.all(room, 'member').filter((m) => !m.left).map((m) => m.user) } : {}),
    };
  }

  sync(user: string): Sync {
    return {
      me: this.row('directory', 'user', user),
      session: 's_1',
      settings: this.row('directory', 'settings', 'settings') as Settings,
      preferences: this.row(user, 'preferences', user) as Preferences,
      directory: this.head('directory'),
      user: this.head(user),
      rooms: this.roomsOf(user).map((room) => this.followed(user, room)),
      drafts: this.all(user, 'draft').filter((draft) => draft.text !== ''),
    };
  }

  changesAfter(scope: string, after: number): { rows: Change[]; head: number; more: boolean; reset: boolean } {
    const head = this.head(scope);
    if (scope.startsWith('r_') && head - after > this.behind) return { rows: [], head, more: false, reset: true };
    const rows = [...this.#scope(scope).rows.values()].filter((change) => change.rev > after).sort((a, b) => a.rev - b.rev);
    return { rows: rows.slice(0, pageSize), head, more: rows.length > pageSize, reset: false };
  }

  heads(user: string): Record<string, number> {
    return Object.fromEntries(['directory', user, ...this.roomsOf(user)].map((scope) => [scope, this.head(scope)]));
  }

  // How it is reached.

  /** For `new WebSocket(url)`. */
  connect(): FakeLine {
    return new FakeLine(this, this.asker);
  }

  /** Breaks all lines. */
  cut(code = 1006): void {
    for (const line of [...this.lines]) line.break(code);
  }

  /** For `fetch`. */
  readonly fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    await new Promise((resolve) => setTimeout(resolve, 1 + this.random.below(5)));
    if (this.down) throw new TypeError('fetch failed');
    const url = new URL(String(input), 'http://myna.test');
    const path = url.pathname.replace('/api/v1/', '');
    this.requests.push(`${init.method ?? 'GET'} ${path}`);
    if (this.asker === '') return answer(401, { error: { code: 'no_session', message: 'sign in' } });
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    return this.#route(init.method ?? 'GET', path.split('/'), url.searchParams, body);
  };

  #route(method: string, [noun = '', id = '', part = '', key = '']: string[], query: URLSearchParams, body: unknown): Response {
    const me = this.asker;
    if (noun === 'sync') return answer(200, this.sync(me));
    if (noun !== 'rooms') return answer(204);
    if (id !== '' && !this.roomsOf(me).includes(id)) return answer(404, { error: { code: 'not_found', message: 'no such room' } });
    if (part === '') return answer(200, this.followed(me, id));
    if (part === 'counts') return answer(200, this.counts(me, id));
    if (part === 'draft') return answer(200, this.draft(me, id, (body as { text: string }).text));
    if (part === 'members') return answer(200, { members: this.all(id, 'member'), head: this.head(id) });
    if (part !== 'messages') return answer(204);
    if (method === 'PATCH') return answer(200, this.edit(id, Number(key), (body as { text: string }).text));
    if (method === 'DELETE') return answer(200, this.erase(id, Number(key)));
    return answer(200, this.#history(id, query));
  }

  #history(room: string, query: URLSearchParams): Page {
    const all = this.messages(room);
    const limit = Number(query.get('limit') ?? 50);
    const [before, after, around] = ['before', 'after', 'around'].map((name) => Number(query.get(name) ?? 0)) as [number, number, number];
    let messages = all.slice(-limit);
    if (before > 0) messages = all.filter((m) => m.seq < before).slice(-limit);
    if (after > 0) messages = all.filter((m) => m.seq > after).slice(0, limit);
    if (around > 0) {
      const newer = Math.floor(limit / 2);
      messages = [...all.filter((m) => m.seq <= around).slice(-(limit - newer)), ...all.filter((m) => m.seq > around).slice(0, newer)];
    }
    return {
      messages,
      head: this.head(room),
      last_seq: all.length,
      older: (messages[0]?.seq ?? 1) > 1,
      newer: (messages.at(-1)?.seq ?? all.length) < all.length,
    };
  }

  #scope(name: string): Scope {
    let scope = this.#scopes.get(name);
    if (scope === undefined) this.#scopes.set(name, (scope = { rev: 0, rows: new Map() }));
    return scope;
  }

  #change<K extends RowKind>(name: string, kind: K, key: string, row: Omit<RowTypes[K], 'rev'>): RowTypes[K] {
    const scope = this.#scope(name);
    const rev = ++scope.rev;
    const whole = { ...row, rev } as RowTypes[K];
    const change = { type: 'change', scope: name, rev, kind, row: whole } as Change;
    scope.rows.set(`${kind}/${key}`, change);
    for (const line of this.lines) line.hear(change);
    return whole;
  }

  #id(prefix: string): string {
    return `${prefix}_${String(++this.#ids).padStart(13, '0')}`;
  }

  #time(): string {
    return new Date((this.#now += 1_000)).toISOString();
  }
}

function answer(status: number, body?: unknown): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status });
}

/** One WebSocket between the world and a client. */
export class FakeLine implements Line {
  onmessage: Line['onmessage'] = null;
  onclose: Line['onclose'] = null;
  readonly #world: World;
  readonly #user: string;
  #closed = false;
  /** Counts queues: what stood in an earlier one is never delivered. */
  #queue = 0;
  #late: ServerFrame[] = [];
  /** Frames the client sent. */
  readonly heard: ClientFrame[] = [];

  constructor(world: World, user: string) {
    this.#world = world;
    this.#user = user;
    setTimeout(() => {
      if (world.down || user === '') return this.break(1006);
      world.lines.add(this);
      const now = new Date().toISOString();
      this.say({ type: 'ready', user, session: 's_1', version: '1', now, heads: world.heads(user) });
    }, 2);
  }

  /** A change happened on the server; the weather decides what comes of it. */
  hear(change: Change): void {
    if (!this.#follows(change.scope)) return;
    const { random, weather } = this.#world;
    if (random.chance(weather.lose)) return;
    if (random.chance(weather.shuffle)) {
      this.#late.push(change);
      return;
    }
    this.say(change);
    if (random.chance(weather.double)) this.say(change);
    if (random.chance(0.5)) for (const late of this.#late.splice(0)) this.say(late);
  }

  /** The client was too slow: what is on its way is dropped, and it is told so. */
  lag(): void {
    this.#queue++;
    this.#late = [];
    this.say({ type: 'resync', heads: this.#world.heads(this.#user) });
  }

  say(frame: ServerFrame): void {
    const data = JSON.stringify(frame);
    const queue = this.#queue;
    queueMicrotask(() => {
      if (!this.#closed && queue === this.#queue) this.onmessage?.call({} as WebSocket, { data } as MessageEvent);
    });
  }

  send(data: string): void {
    const frame = JSON.parse(data) as ClientFrame;
    this.heard.push(frame);
    if (this.#closed || this.#world.down) return;
    const world = this.#world;
    switch (frame.type) {
      case 'fetch':
        if (this.#follows(frame.scope)) {
          this.say({ type: 'changes', ref: frame.ref, scope: frame.scope, ...world.changesAfter(frame.scope, frame.after) });
        } else this.say({ type: 'error', ref: frame.ref, error: { code: 'not_found', message: 'no such scope' } });
        break;
      case 'post':
        this.#post(frame);
        break;
      case 'read':
        if (this.#follows(frame.room)) world.read(this.#user, frame.room, frame.seq, frame.unread);
        break;
      case 'ping':
        this.say({ type: 'pong', now: new Date().toISOString() });
        break;
    }
  }

  close(): void {
    this.#closed = true;
    this.#world.lines.delete(this);
  }

  /** The server or the network ends it. */
  break(code: number): void {
    if (this.#closed) return;
    this.close();
    this.onclose?.call({} as WebSocket, { code } as CloseEvent);
  }

  #post(frame: Extract<ClientFrame, { type: 'post' }>): void {
    const { nonce, room } = frame;
    if (!this.#follows(room)) return this.say({ type: 'error', nonce, error: { code: 'not_found', message: 'no such room' } });
    const { seq, rev, created_at } = this.#world.post(room, this.#user, frame.text, nonce);
    if (this.#world.random.chance(this.#world.weather.lose)) return this.break(1006); // cut before the answer
    this.say({ type: 'ack', nonce, room, seq, rev, created_at });
  }

  #follows(scope: string): boolean {
    return scope === 'directory' || scope === this.#user || this.#world.roomsOf(this.#user).includes(scope);
  }
}

export type { Draft, Member, Membership, Message, Room, User };
