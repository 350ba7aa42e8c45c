import { closeCode, type ClientFrame, type ServerFrame } from '../wire.ts';

/** How the line stands. 'stopped' comes back only by start(), or by retry() after a fault of ours. */
export type LineState = 'connecting' | 'open' | 'waiting' | 'offline' | 'stopped';

/** Who listens to a Socket. Calls come one at a time, never from inside a method of Socket but state(). */
export interface Listener {
  frame(frame: ServerFrame): void;
  /** retryAt: when the next try comes (Date.now() scale), 0 unless waiting. */
  state(state: LineState, retryAt: number): void;
  /** The line was up and broke, with the close code. */
  broke(code: number): void;
  /** The handshake was refused: perhaps nobody is signed in any more. */
  refused(): void;
  /** The server said that the session is over (4100–4199). */
  ended(code: number): void;
}

/** The part of a WebSocket that is used, so that tests can give another. */
export type Line = Pick<WebSocket, 'send' | 'close' | 'onmessage' | 'onclose'>;

const firstDelay = 500;
const longestDelay = 30_000;
/** After this long without a frame we ask whether the line is alive … */
const silence = 30_000;
/** … and give it this long to answer. */
const grace = 10_000;
/** How often the two above are looked at; one timer instead of one a frame. */
const lookEvery = 5_000;
/** A handshake that takes longer is given up. */
const handshake = 15_000;

/**
 * Socket keeps one WebSocket to the server alive: it reconnects with full jitter, notices half-open
 * lines, and obeys close codes. A line counts as open when its first frame, ready, has come.
 */
export class Socket {
  state: LineState = 'stopped';
  readonly #open: () => Line;
  readonly #listener: Listener;
  readonly #random: () => number;
  #line: Line | null = null;
  #tries = 0;
  #heard = 0;
  #asked = 0;
  #drain = -1;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setInterval> | undefined;

  constructor(open: () => Line, listener: Listener, random: () => number = Math.random) {
    this.#open = open;
    this.#listener = listener;
    this.#random = random;
  }

  start(): void {
    if (this.state === 'stopped') this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#set('stopped', 0);
  }

  /** Tries at once if a try is due some time anyway: the device came online, or the tab became visible. */
  wake(): void {
    if (this.state === 'waiting' || this.state === 'offline') this.retry();
  }

  /** Tries at once if there is no line: somebody asked for it. */
  retry(): void {
    if (this.state === 'open' || this.state === 'connecting') return;
    this.#tries = 0;
    this.#connect();
  }

  /** The device says that there is no network. A socket would not notice for minutes. */
  offline(): void {
    if (this.state === 'stopped') return;
    const wasOpen = this.state === 'open';
    this.#drop();
    this.#set('offline', 0);
    if (wasOpen) this.#listener.broke(closeCode.goingAway);
  }

  /** Sends a frame if the line is open, and says whether it did. */
  send(frame: ClientFrame): boolean {
    if (this.state !== 'open' || this.#line === null) return false;
    this.#line.send(JSON.stringify(frame));
    return true;
  }

  /** Asks at once whether the line is alive. */
  probe(): void {
    if (this.#asked === 0 && this.send({ type: 'ping' })) this.#asked = Date.now();
  }

  #connect(): void {
    this.#drop();
    this.#set('connecting', 0);
    this.#heard = Date.now();
    const line = this.#open();
    this.#line = line;
    line.onmessage = (event) => this.#message(line, event.data);
    line.onclose = (event) => this.#closed(line, event.code);
    this.#look = setInterval(() => this.#watch(line), lookEvery);
  }

  #message(line: Line, data: unknown): void {
    if (line !== this.#line) return;
    this.#heard = Date.now();
    this.#asked = 0;
    const frame = decode(data);
    if (frame === undefined) return;
    if (frame.type === 'ready') {
      this.#tries = 0;
      this.#set('open', 0);
    } else if (frame.type === 'drain') {
      this.#drain = frame.after_ms;
    }
    this.#listener.frame(frame);
  }

  #closed(line: Line, code: number): void {
    if (line !== this.#line) return;
    const wasOpen = this.state === 'open';
    this.#drop();
    if (code >= 4100 && code < 4200) {
      this.#set('stopped', 0);
      this.#listener.ended(code);
      return;
    }
    if (code >= 4200 && code < 4300) this.#set('stopped', 0);
    else this.#wait();
    if (wasOpen) this.#listener.broke(code);
    else this.#listener.refused();
  }

  #wait(): void {
    const ceiling = Math.min(longestDelay, firstDelay * 2 ** this.#tries);
    const delay = this.#drain >= 0 ? this.#drain : Math.floor(this.#random() * ceiling);
    this.#drain = -1;
    this.#tries++;
    this.#retry = setTimeout(() => this.#connect(), delay);
    this.#set('waiting', Date.now() + delay);
  }

  #watch(line: Line): void {
    if (line !== this.#line) return;
    const now = Date.now();
    const dead =
      this.state === 'connecting' ? now - this.#heard >= handshake : this.#asked > 0 && now - this.#asked >= grace;
    if (dead) this.#closed(line, closeCode.unseen);
    else if (now - this.#heard >= silence) this.probe();
  }

  /** Forgets the present line without telling anybody. */
  #drop(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#look);
    this.#asked = 0;
    const line = this.#line;
    this.#line = null;
    if (line === null) return;
    line.onmessage = line.onclose = null;
    line.close();
  }

  #set(state: LineState, retryAt: number): void {
    this.state = state;
    this.#listener.state(state, retryAt);
  }
}

function decode(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data) as ServerFrame;
  } catch {
    return undefined;
  }
}
