import { SvelteMap } from 'svelte/reactivity';
import { newer } from '../sync/apply.ts';
import type { User } from '../wire.ts';

/** Names sort the way people of both languages expect: numbers by value, Chinese by pinyin. */
export const byName = new Intl.Collator(['zh-CN', 'en'], { numeric: true, sensitivity: 'base' });

/** Folds a username the way the server compares them, near enough to look one up. */
export function foldName(username: string): string {
  return username.normalize('NFKC').toLowerCase();
}

/** People is the directory: everybody on the server, kept current. */
export class People {
  /** The whole directory is here; before that, unknown ids may still be on their way. */
  complete: boolean = $state(false);
  readonly #users = new SvelteMap<string, User>();
  readonly #byUsername = new Map<string, string>();
  #version = $state(0);
  readonly #all = $derived.by(() => {
    void this.#version;
    const list = [...this.#plain.values()].filter((user) => !user.disabled);
    return list.sort((a, b) => byName.compare(a.name, b.name)) as readonly User[];
  });
  /** The same users without signals, so that sorting thousands subscribes to nothing. */
  readonly #plain = new Map<string, User>();

  /** Reactive a person. Undefined while unknown: show a placeholder of the same size. */
  get(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** Display name, or '' while unknown. Reactive. */
  name(id: string): string {
    return this.#users.get(id)?.name ?? '';
  }

  /** By username, case folded. Reactive to the directory as a whole. */
  byUsername(username: string): User | undefined {
    void this.#version;
    const id = this.#byUsername.get(foldName(username));
    return id === undefined ? undefined : this.#plain.get(id);
  }

  /** Everybody that is not disabled, by name; a plain array that is replaced on change. */
  get all(): readonly User[] {
    return this.#all;
  }

  /** Takes rows as they come; gives those that were new to us. */
  apply(rows: readonly User[]): User[] {
    const taken: User[] = [];
    for (const row of rows) {
      const have = this.#plain.get(row.id);
      if (newer(have, row) === have || have?.rev === row.rev) continue;
      if (have !== undefined) this.#byUsername.delete(foldName(have.username));
      this.#byUsername.set(foldName(row.username), row.id);
      this.#plain.set(row.id, row);
      this.#users.set(row.id, row);
      taken.push(row);
    }
    if (taken.length > 0) this.#version++;
    return taken;
  }
}
