import { SvelteMap } from 'svelte/reactivity';
import { limits, type Presence as State, type Watch } from '../wire.ts';

export type PresenceState = State['state'];

/** Scrolling a list of people changes the set many times a second; it is sent when it has settled. */
const settle = 150;

/** Presence is who is here, for the people on the screen (at most limits.watched). */
export class Presence {
  readonly #states = new SvelteMap<string, PresenceState>();
  /** How many dots of a person are on the screen; the order is that of appearing. */
  readonly #shown = new Map<string, number>();
  readonly #send: (frame: Watch) => boolean;
  #sent = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: Watch) => boolean) {
    this.#send = send;
  }

  /** Reactive; undefined while not known. */
  of(user: string): PresenceState | undefined {
    return this.#states.get(user);
  }

  /** Says that a person's dot is on the screen; call what it gives when it no longer is: `$effect(() => presence.show(id))`. */
  show(user: string): () => void {
    this.#shown.set(user, (this.#shown.get(user) ?? 0) + 1);
    this.#later();
    return () => {
      const left = (this.#shown.get(user) ?? 1) - 1;
      if (left > 0) this.#shown.set(user, left);
      else this.#shown.delete(user);
      this.#later();
    };
  }

  apply(states: readonly State[]): void {
    for (const { user, state } of states) {
      if (this.#states.get(user) !== state) this.#states.set(user, state);
    }
  }

  /** The line is up: the server knows nothing of us yet. */
  up(): void {
    this.#sent = '';
    this.#tell();
  }

  /** Nobody's state is known without a line. */
  down(): void {
    this.#states.clear();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.#tell(), settle);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const users = [...this.#shown.keys()].slice(-limits.watched).sort();
    const key = users.join(' ');
    if (key !== this.#sent && this.#send({ type: 'watch', users })) this.#sent = key;
  }
}
