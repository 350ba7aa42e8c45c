import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '../src/net/api.ts';
import { App } from '../src/state/app.svelte.ts';
import type { Server, SignedIn } from '../src/wire.ts';
import { makePage } from './dom.ts';

const user = { id: 'u_1', username: 'ann', name: 'Ann', role: 'owner' as const, disabled: false, created_at: '', rev: 1 };

let apps: App[] = [];
let answers: Record<string, () => Response> = {};

/** A page at a path, before a server that answers what it is told. */
function visit(path: string, fresh = true): App {
  if (fresh) makePage(path);
  const globals = {
    fetch: async (input: string, init: RequestInit = {}) => {
      const name = `${init.method ?? 'GET'} ${input.replace('/api/v1/', '')}`;
      return answers[name]?.() ?? Response.json({ error: { code: 'no_session', message: 'sign in' } }, { status: 401 });
    },
    WebSocket: class {
      close(): void {}
    },
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const app = new App();
  apps.push(app);
  return app;
}

const session = { id: 's_1', current: true, user_agent: '', address: '', created_at: '', seen_at: '', expires_at: '' };

afterEach(async () => {
  for (const app of apps) {
    if (app.session.phase === 'in') app.session.end('left');
    await app.client?.close(true);
  }
  apps = [];
  answers = {};
});

/** Lets people sign in; the rest of the server rests. */
function allow(): void {
  answers['POST sessions'] = () => Response.json({ user, session } satisfies SignedIn, { status: 201 });
  answers['GET sync'] = () => new Response('', { status: 503 });
}

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
}

describe('App', () => {
  it('sends a stranger to sign in and then to where they wanted', async () => {
    const app = visit('/c/r_1/7');
    await app.start();
    expect(app.session).toMatchObject({ phase: 'out', reason: 'stranger' });
    expect(app.router.route).toEqual({ name: 'login' });
    allow();
    await app.session.login({ username: 'ann', password: 'x' });
    await until(() => app.client !== null);
    expect(app.router.route).toEqual({ name: 'room', room: 'r_1', seq: 7 });
    expect(app.client?.me).toBe('u_1');
  });

  it('asks nothing on a public screen', async () => {
    const app = visit('/invite/abc');
    await app.start();
    expect(app.session.phase).toBe('out');
    expect(app.router.route).toEqual({ name: 'invite', code: 'abc' });
  });

  it('remembers who is signed in and draws without asking', async () => {
    const first = visit('/login');
    allow();
    await first.start();
    await first.session.login({ username: 'ann', password: 'x' });
    await until(() => first.client !== null);
    await first.client?.close(false);
    apps = [];
    const second = visit('/', false);
    await second.start();
    await until(() => second.client !== null);
    expect(second.session).toMatchObject({ phase: 'in', me: { name: 'Ann' } });
  });

  it('is signed out by the first answer that says so', async () => {
    const app = visit('/login');
    allow();
    await app.start();
    delete answers['GET sync'];
    await app.session.login({ username: 'ann', password: 'x' });
    await until(() => app.session.phase === 'out');
    expect(app.session.reason).toBe('ended');
    expect(app.session.remembered).toBe(false);
    await until(() => app.client === null);
    expect(app.router.route).toEqual({ name: 'login' });
  });

  it('tells what was wrong', async () => {
    const app = visit('/login');
    await app.start();
    answers['POST sessions'] = () => Response.json({ error: { code: 'wrong_login', message: 'no', field: 'password' } }, { status: 401 });
    const failure = await app.session.login({ username: 'ann', password: 'x' }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ code: 'wrong_login', field: 'password', status: 401 });
    answers['GET server'] = () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Retry-After': '3' } });
    expect(await app.session.loadServer().catch((thrown: unknown) => thrown)).toMatchObject({ code: 'overloaded' });
    const server: Server = { name: 'Test', version: '1', registration: 'open', needs_setup: false, plain_http: true };
    answers['GET server'] = () => Response.json(server);
    expect(await app.session.loadServer()).toEqual(server);
  });
});
