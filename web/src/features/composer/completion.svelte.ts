import type { Client } from '../../state/client.svelte.ts';
import { loadPinyin, rank, type Candidate } from '../../text/match.ts';
import { triggerAt, type Trigger } from './complete.ts';

/** What can be completed: a person or a channel. */
export interface Suggestion extends Candidate {
  readonly kind: 'person' | 'room';
  /** What is written into the text. */
  readonly insert: string;
  /** A second word about it: the username, the topic. */
  readonly detail: string;
}

const shown = 8;

/** Completion is the list under a name that is being typed. */
export class Completion {
  #trigger: Trigger | undefined = $state.raw();
  #dismissed = -1;
  active: number = $state(0);
  readonly #client: Client;
  readonly #recent: () => readonly string[];

  readonly list: readonly Suggestion[] = $derived.by(() => this.#find());
  readonly open: boolean = $derived(this.list.length > 0);

  /** `recent` are the people who spoke here last: they come first. */
  constructor(client: Client, recent: () => readonly string[]) {
    this.#client = client;
    this.#recent = recent;
  }

  get trigger(): Trigger | undefined {
    return this.#trigger;
  }

  /** The text or the caret changed. */
  update(text: string, start: number, end: number): void {
    const trigger = start === end ? triggerAt(text, end) : undefined;
    if (trigger?.start !== this.#trigger?.start) void loadPinyin();
    if (!trigger) this.#dismissed = -1;
    this.active = 0;
    this.#trigger = trigger && trigger.start === this.#dismissed ? undefined : trigger;
  }

  step(by: number): void {
    this.active = (this.active + by + this.list.length) % this.list.length;
  }

  /** Esc: not again for this name. */
  dismiss(): void {
    this.#dismissed = this.#trigger?.start ?? -1;
    this.#trigger = undefined;
  }

  close(): void {
    this.#trigger = undefined;
  }

  #find(): readonly Suggestion[] {
    const trigger = this.#trigger;
    if (!trigger) return [];
    const candidates = trigger.kind === 'person' ? this.#people() : this.#rooms();
    return rank(trigger.query, candidates, shown).map((match) => match.candidate);
  }

  #people(): Suggestion[] {
    const recent = this.#recent();
    const place = (id: string) => {
      const at = recent.indexOf(id);
      return at === -1 ? recent.length : at;
    };
    return this.#client.people.all
      .filter((user) => user.id !== this.#client.me)
      .sort((a, b) => place(a.id) - place(b.id))
      .map((user) => ({
        kind: 'person',
        id: user.id,
        text: user.name || user.username,
        aliases: [user.username],
        insert: `@${user.username} `,
        detail: `@${user.username}`,
      }));
  }

  #rooms(): Suggestion[] {
    return this.#client.rooms.all
      .filter((room) => room.room.kind !== 'direct')
      .map((room) => ({
        kind: 'room',
        id: room.id,
        text: room.room.name,
        insert: `#${room.room.name} `,
        detail: room.room.topic,
      }));
  }
}
