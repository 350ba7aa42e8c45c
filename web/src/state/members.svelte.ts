import type { ApiError } from '../net/api.ts';
import type { Member } from '../wire.ts';

/** Members is the list of a room's people, loaded page by page and kept current while it is open. */
export class Members {
  readonly room: string;
  /** Who is in the room now, by display name. */
  list: readonly Member[] = $state.raw([]);
  /** All pages are here. */
  complete: boolean = $state(false);
  loading: boolean = $state(false);
  error: ApiError | null = $state.raw(null);
  constructor(room: string) {
    this.room = room;
  }
  /** Loads all of it; call when the list is shown. */
  async open(): Promise<void> {}
}
