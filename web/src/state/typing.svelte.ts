import type { Typing as Frame } from '../wire.ts';

/** A signal is good for this long … */
const lasts = 5_000;
/** … and we repeat ours this often. */
const every = 3_000;

interface Writer {
  readonly room: string;
  readonly user: string;
  readonly until: number;
}

/** Typing is who writes in the room on the screen, and saying that we do. */
export class Typing {
  #writers: readonly Writer[] = $state.raw([]);
  readonly #me: string;
  readonly #send: (frame: Frame) => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = { room: '', at: -every };

  constructor(me: string, send: (frame: Frame) => boolean) {
    this.#me = me;
    this.#send = send;
  }

  /** Ids of the people writing in a room now, in order of starting; without the person. Reactive. */
  in(room: string): readonly string[] {
    return this.#writers.filter((writer) => writer.room === room).map((writer) => writer.user);
  }

  /** Call on every input; sends at most every three seconds. */
  mine(room: string): void {
    const now = Date.now();
    if (this.#told.room === room && now - this.#told.at < every) return;
    if (this.#send({ type: 'typing', room })) this.#told = { room, at: now };
  }

  /** What was written was sent or dropped: the next input is told at once. */
  done(): void {
    this.#told = { room: '', at: -every };
  }

  signal(room: string, user: string): void {
    if (user === this.#me) return;
    const until = Date.now() + lasts;
    const known = this.#writers.some((writer) => writer.room === room && writer.user === user);
    this.#writers = known
      ? this.#writers.map((writer) => (writer.room === room && writer.user === user ? { room, user, until } : writer))
      : [...this.#writers, { room, user, until }];
    this.#prune();
  }

  /** Somebody's message came: they no longer type it. */
  spoke(room: string, user: string): void {
    if (this.#writers.some((writer) => writer.room === room && writer.user === user)) {
      this.#writers = this.#writers.filter((writer) => writer.room !== room || writer.user !== user);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Forgets who fell silent, and sleeps until the next one would. */
  #prune(): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    const rest = this.#writers.filter((writer) => writer.until > now);
    if (rest.length < this.#writers.length) this.#writers = rest;
    if (rest.length === 0) return;
    const next = Math.min(...rest.map((writer) => writer.until)) - now;
    this.#timer = setTimeout(() => this.#prune(), next);
  }
}
