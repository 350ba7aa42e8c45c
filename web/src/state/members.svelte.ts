import { asApiError, type ApiError } from '../net/api.ts';
import type { Calls } from '../net/calls.ts';
import { newer } from '../sync/apply.ts';
import type { Member } from '../wire.ts';
import { byName, type People } from './people.svelte.ts';

/** Members is the list of a room's people, loaded page by page and kept current from then on. */
export class Members {
  readonly room: string;
  /** All pages are here. */
  complete: boolean = $state(false);
  loading: boolean = $state(false);
  /** The last load that failed; call open() again for Retry. */
  error: ApiError | null = $state.raw(null);

  readonly #calls: Calls;
  readonly #people: People;
  readonly #onRows: (rows: readonly Member[]) => void;
  #rows: ReadonlyMap<string, Member> = $state.raw(new Map());
  readonly #list = $derived.by(() => {
    const present = [...this.#rows.values()].filter((member) => !member.left);
    const named = present.map((member) => ({ member, name: this.#people.name(member.user) }));
    return named.sort((a, b) => byName.compare(a.name, b.name)).map(({ member }) => member) as readonly Member[];
  });

  constructor(room: string, calls: Calls, people: People, onRows: (rows: readonly Member[]) => void) {
    this.room = room;
    this.#calls = calls;
    this.#people = people;
    this.#onRows = onRows;
  }

  /** Who is in the room now, by display name. */
  get list(): readonly Member[] {
    return this.#list;
  }

  /** Loads all of it; call when the list is shown. */
  async open(): Promise<void> {
    if (this.complete || this.loading) return;
    this.loading = true;
    this.error = null;
    try {
      for (let after = ''; ; ) {
        const page = await this.#calls.members(this.room, after);
        this.apply(page.members);
        this.#onRows(page.members);
        if (page.next === undefined) break;
        after = page.next;
      }
      this.complete = true;
    } catch (thrown) {
      this.error = asApiError(thrown);
    } finally {
      this.loading = false;
    }
  }

  /** Takes rows as they come, in any order. */
  apply(rows: readonly Member[]): void {
    const next = new Map(this.#rows);
    for (const row of rows) next.set(row.user, newer(next.get(row.user), row));
    this.#rows = next;
  }

  /** What is here may be wrong: load again when next shown. */
  stale(): void {
    this.complete = false;
  }
}
