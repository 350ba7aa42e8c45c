import { asApiError, ApiError } from './api.ts';
import type { Changes, ErrorFrame, Fetch } from '../wire.ts';

/** A fetch that is not answered within this time is taken for lost. */
const patience = 20_000;

interface Waiting {
  readonly resolve: (answer: Changes) => void;
  readonly reject: (error: ApiError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Requests pairs fetch frames with their answers by ref. */
export class Requests {
  readonly #send: (frame: Fetch) => boolean;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor(send: (frame: Fetch) => boolean) {
    this.#send = send;
  }

  /** The rows of a scope after a cursor; rejects with an ApiError. */
  fetch(scope: string, after: number): Promise<Changes> {
    const ref = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(ref)?.reject(noAnswer()), patience);
      this.#waiting.set(ref, { resolve, reject, timer });
      if (!this.#send({ type: 'fetch', ref, scope, after })) this.#settle(ref)?.reject(noAnswer());
    });
  }

  answer(frame: Changes): void {
    this.#settle(frame.ref)?.resolve(frame);
  }

  /** An error frame with a ref; says whether it was ours. */
  fail(frame: ErrorFrame): boolean {
    const waiting = this.#settle(frame.ref ?? 0);
    waiting?.reject(new ApiError(0, frame.error));
    return waiting !== undefined;
  }

  /** The line broke: nobody will answer. */
  drop(): void {
    for (const ref of [...this.#waiting.keys()]) this.#settle(ref)?.reject(noAnswer());
  }

  #settle(ref: number): Waiting | undefined {
    const waiting = this.#waiting.get(ref);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    this.#waiting.delete(ref);
    return waiting;
  }
}

function noAnswer(): ApiError {
  return asApiError(new Error('the server did not answer'));
}
