import { ApiError, type Api } from '../net/api.ts';
import { Requests } from '../net/requests.ts';
import { Socket, type Line, type LineState } from '../net/socket.ts';
import type { Ack, Change, ClientFrame, ErrorBody, Ready, ServerFrame, Signal, Sync } from '../wire.ts';
import { Gaps } from './gap.ts';

/** Whom a Feed feeds. */
export interface Sink {
  /** Everything for the first screen. Rows in it may be older than what live changes brought: compare revs. */
  snapshot(sync: Sync): void;
  /** Rows of a scope to apply, in rev order. */
  rows(scope: string, changes: readonly Change[]): void;
  /** Drop what is kept of the scope, load it anew and keep() it. */
  reset(scope: string): void;
  /** The scope is no longer ours to see. */
  lost(scope: string): void;
  priority(scope: string): number;
  signal(signal: Signal): void;
  ack(ack: Ack): void;
  /** A post was refused. */
  refused(nonce: string, error: ErrorBody): void;
  /** The line is up: what waited can be sent. */
  up(ready: Ready): void;
  down(code: number): void;
  /** Answers were lost, though the line is up: ask again. */
  resync(): void;
  line(state: LineState, retryAt: number): void;
  /** The session is over. */
  ended(code: number): void;
}

/** Calls back when what was gathered should be applied; lately says how many changes the last lot had. */
export type Defer = (flush: () => void, lately: number) => void;

/** When more rooms than this changed while we were away, one snapshot is cheaper than a fetch each. */
const manyBehind = 20;

/**
 * Feed is everything that comes from the server on its way to the state: it owns the socket and the
 * cursors, gathers live changes for one frame of the screen, and hands rows on in rev order.
 */
export class Feed {
  readonly gaps: Gaps;
  readonly #api: Api;
  readonly #sink: Sink;
  readonly #socket: Socket;
  readonly #requests: Requests;
  readonly #defer: Defer;
  #gathered: Change[] = [];
  #deferred = false;
  #lately = 0;
  #closed = false;
  #asking = false;
  #again = false;
  /** There is a state to apply changes to, from the cache or a snapshot. */
  #based = false;

  constructor(api: Api, open: () => Line, sink: Sink, defer: Defer) {
    this.#api = api;
    this.#sink = sink;
    this.#defer = defer;
    this.#requests = new Requests((frame) => this.#socket.send(frame));
    this.gaps = new Gaps({
      fetch: (scope, after) => this.#requests.fetch(scope, after),
      apply: (scope, changes) => sink.rows(scope, changes),
      reset: (scope) => sink.reset(scope),
      lost: (scope) => sink.lost(scope),
      priority: (scope) => sink.priority(scope),
    });
    this.#socket = new Socket(open, {
      frame: (frame) => this.#frame(frame),
      state: (state, retryAt) => sink.line(state, retryAt),
      broke: (code) => this.#broke(code),
      refused: () => void this.refresh(),
      ended: (code) => sink.ended(code),
    });
  }

  /** Connects, and asks for a snapshot; without anything cached the socket waits for it. */
  async start(cached: boolean): Promise<void> {
    this.#based = cached;
    if (cached) this.#socket.start();
    await this.refresh();
    if (!this.#closed) this.#socket.start();
  }

  close(): void {
    this.#closed = true;
    this.#socket.stop();
    this.gaps.down();
    this.#requests.drop();
  }

  send(frame: ClientFrame): boolean {
    return this.#socket.send(frame);
  }

  get online(): boolean {
    return this.#socket.state === 'open';
  }

  retry(): void {
    if (!this.#closed) this.#socket.retry();
  }

  wake(): void {
    if (!this.#closed) this.#socket.wake();
  }

  offline(): void {
    this.#socket.offline();
  }

  probe(): void {
    this.#socket.probe();
  }

  /** Fetches the snapshot. A failure is no harm: the next line brings another chance. */
  async refresh(): Promise<void> {
    if (this.#closed) return;
    if (this.#asking) {
      this.#again = true; // the answer on its way may be older than what we heard
      return;
    }
    this.#asking = true;
    try {
      const sync = await this.#api.get<Sync>('sync');
      if (this.#closed) return;
      this.#based = true;
      this.#sink.snapshot(sync);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
    } finally {
      this.#asking = false;
    }
    if (!this.#again) return;
    this.#again = false;
    await this.refresh();
  }

  /** Applies what was gathered now instead of with the next frame. */
  flush(): void {
    this.#deferred = false;
    const changes = this.#gathered;
    this.#gathered = [];
    this.#lately = changes.length;
    if (changes.length > 0) this.gaps.changes(changes);
  }

  #frame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'change':
        this.#gather(frame);
        break;
      case 'changes':
        this.flush();
        this.#requests.answer(frame);
        break;
      case 'ready':
        this.#up(frame);
        break;
      case 'resync':
        this.#resync(frame.heads);
        break;
      case 'ack':
        this.#sink.ack(frame);
        break;
      case 'signal':
        this.#sink.signal(frame);
        break;
      case 'error':
        if (!this.#requests.fail(frame) && frame.nonce !== undefined) this.#sink.refused(frame.nonce, frame.error);
        break;
    }
  }

  #gather(change: Change): void {
    this.#gathered.push(change);
    if (this.#deferred) return;
    this.#deferred = true;
    this.#defer(() => {
      if (this.#deferred) this.flush();
    }, this.#lately);
  }

  #up(ready: Ready): void {
    this.#gathered = [];
    this.gaps.up(ready.heads);
    if (!this.#based || this.gaps.behind() > manyBehind) void this.refresh();
    this.#sink.up(ready);
  }

  /** We were too slow and the server dropped what it had for us, answers as well: everything is asked again. */
  #resync(heads: Readonly<Record<string, number>>): void {
    this.flush();
    this.gaps.down();
    this.#requests.drop();
    this.gaps.up(heads);
    this.#sink.resync();
  }

  #broke(code: number): void {
    this.flush();
    this.#requests.drop();
    this.gaps.down();
    this.#sink.down(code);
  }
}
