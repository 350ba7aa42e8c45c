import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve(process.env['MYNA_BIN'] ?? join(import.meta.dirname, '../../../bin/myna'));

/** How long a start or a stop may take on a busy machine. */
const patience = 60_000;

/** A server of our own: the built binary on a random port with data in a temporary directory. */
export class Server {
  readonly url: string;
  readonly #listen: string;
  readonly #flags: readonly string[];
  readonly #dir = mkdtempSync(join(tmpdir(), 'myna-browser-'));
  #process: ChildProcess | undefined;
  #log = '';

  private constructor(port: number, base: string, flags: readonly string[]) {
    this.#flags = flags;
    this.#listen = `127.0.0.1:${port}`;
    this.url = `http://127.0.0.1:${port}${base}`;
  }

  static async start(base = '', flags: readonly string[] = []): Promise<Server> {
    const server = new Server(await freePort(), base, flags);
    await server.start();
    return server;
  }

  /** Starts it (again), on the same port with the same data. */
  async start(): Promise<void> {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MYNA_')));
    const flags = ['--listen', this.#listen, '--url', this.url, '--metrics-listen=', ...this.#flags];
    const child = spawn(program, ['serve', '--db', `sqlite:${join(this.#dir, 'myna.db')}`, ...flags], {
      cwd: this.#dir,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stdout.on('data', (text: Buffer) => (this.#log += text.toString()));
    child.stderr.on('data', (text: Buffer) => (this.#log += text.toString()));
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the server ended at its start:\n${this.#log}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok === true;
    }, 'the server is not ready');
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it for good and removes its data. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get log(): string {
    return this.#log;
  }

  /** The one-time link that makes the owner. */
  async setupLink(): Promise<string> {
    let link = '';
    await until(() => {
      link = /https?:\/\/\S+\/setup\S*/.exec(this.#log)?.[0] ?? '';
      return link !== '';
    }, 'the server prints no setup link');
    return link.replace(/["'.]+$/, '');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }
}

async function until(ok: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    if (await ok()) return;
    await new Promise((again) => setTimeout(again, 25));
  }
  throw new Error(otherwise);
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}
