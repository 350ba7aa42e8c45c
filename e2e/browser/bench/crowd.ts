import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { BrowserContext, Page } from '@playwright/test';
import { nonce } from '../support/api.ts';
import { Server } from '../support/server.ts';

interface Made {
  readonly users: readonly { readonly id: string; readonly token: string }[];
  readonly rooms: readonly { readonly id: string }[];
}

/** Posts under way at once when a room is filled: the server stores what waits in one transaction. */
const atOnce = 128;

/** A server with two people in some rooms: one looks at them in a browser, the other talks. */
export class Crowd {
  readonly server: Server;
  readonly rooms: readonly string[];
  readonly #reader: string;
  readonly #talker: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: atOnce });

  private constructor(server: Server, made: Made) {
    const [reader, talker] = made.users;
    if (reader === undefined || talker === undefined) throw new Error('the bulk route made nobody');
    this.server = server;
    this.rooms = made.rooms.map(({ id }) => id);
    this.#reader = reader.token;
    this.#talker = talker.token;
  }

  static async start(rooms: number): Promise<Crowd> {
    const server = await Server.start('', ['--allow-load-test']);
    const answer = await fetch(`${server.url}/api/v1/load`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ users: 2, rooms: [{ count: rooms, size: 2 }] }),
    });
    if (!answer.ok) throw new Error(`the bulk route answered ${answer.status}: ${await answer.text()}`);
    return new Crowd(server, (await answer.json()) as Made);
  }

  async dispose(): Promise<void> {
    this.#agent.destroy();
    await this.server.dispose();
  }

  /** The reader's screen of a room, with its messages. */
  async open(context: BrowserContext, room: string): Promise<Page> {
    await context.addCookies([{ name: 'myna_dev', value: this.#reader, url: this.server.url }]);
    const page = await context.newPage();
    await page.goto(this.address(room));
    await page.locator('article').first().waitFor();
    return page;
  }

  address(room: string, seq = 0): string {
    return `${this.server.url}/c/${room}${seq > 0 ? `/${seq}` : ''}`;
  }

  /** Fills a room with messages, as fast as it goes. */
  async fill(room: string, count: number): Promise<void> {
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < count) await this.say(room, text(next++));
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    await this.#ask('PUT', `rooms/${room}/read`, this.#reader, { seq: count });
  }

  /** Says so many things at so many a second. */
  async talk(room: string, count: number, rate: number): Promise<void> {
    const start = performance.now();
    const said: Promise<void>[] = [];
    while (said.length < count) {
      const due = Math.min(count, Math.ceil(((performance.now() - start) / 1_000) * rate));
      while (said.length < due) said.push(this.say(room, text(said.length)));
      await new Promise((again) => setTimeout(again, 3));
    }
    await Promise.all(said);
  }

  say(room: string, body: string): Promise<void> {
    return this.#ask('POST', `rooms/${room}/messages`, this.#talker, { nonce: nonce(), text: body });
  }

  #ask(method: string, path: string, token: string, body: object): Promise<void> {
    return new Promise((done, failed) => {
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
      const asked = request(`${this.server.url}/api/v1/${path}`, { method, agent: this.#agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', () => {
          if ((answer.statusCode ?? 500) < 300) done();
          else failed(new Error(`${method} ${path} answered ${answer.statusCode}`));
        });
      });
      asked.once('error', failed);
      asked.end(JSON.stringify(body));
    });
  }
}

const words = 'the nest is warm and safe, so we count the eggs again, 你好, and tell you what the others saw later'.split(' ');
const marked = ['**warm**', '_soon_', '`count`', 'https://example.org/birds', '- a line of its own'];

/** What somebody might say, in 100 to 200 bytes: every third thing has some Markdown in it, every ninth a list. */
function text(index: number): string {
  const random = randomBytes(32);
  const said = [`${index}:`];
  for (let i = 0, size = 0; size < 90 + (index % 80); i++) {
    const word = words[(random[i % random.length] ?? 0) % words.length] ?? '';
    said.push(word);
    size += word.length + 1;
  }
  if (index % 3 === 0) said.splice(4, 0, marked[(index / 3) % 4] ?? '');
  if (index % 9 === 0) said.push(`\n${marked[4]}\n${marked[4]}`);
  return said.join(' ');
}
