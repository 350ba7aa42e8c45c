import type { ApiError } from '../net/api.ts';

/** One message as the log shows it, sent or on its way. Plain and frozen: a changed message is a new object. */
export interface Item {
  /** Stays the same from the pending bubble to the acknowledged message: use it as the key of `each`. */
  readonly key: string;
  /** Place in the room, 0 while pending or failed. */
  readonly seq: number;
  readonly author: string;
  /** Markdown; '' if deleted. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** Ids of people named. */
  readonly mentions: readonly string[];
  readonly status: 'sent' | 'pending' | 'failed';
  /** Why it failed: a code for the catalogue; '' if it did not. */
  readonly error: string;
}

/** Which load is running. */
export type Loading = '' | 'newest' | 'around' | 'older' | 'newer';

/**
 * Timeline is a gapless stretch of one room's messages, oldest first, and what one can do with them.
 * At the live edge it ends with the newest message and the own pending ones, and grows by itself. The
 * DOM window over `items` belongs to the component.
 */
export class Timeline {
  readonly room: string;
  items: readonly Item[] = $state.raw([]);
  /** There are messages before the first, or after the last (then we are not at the live edge). */
  older: boolean = $state(false);
  newer: boolean = $state(false);
  /** There is something to show (also: the room is known to be empty). */
  ready: boolean = $state(false);
  loading: Loading = $state('');
  /** The last load that failed; null again with the next. */
  error: ApiError | null = $state.raw(null);
  /** The read mark when the room was opened: the "New" line stands after it until the room is left. */
  newAfter: number = $state(0);
  /** How many messages of others came after newAfter, at opening, and when the first of them came (ms). */
  newCount: number = $state(0);
  newSince: number = $state(0);

  constructor(room: string) {
    this.room = room;
  }

  /** The room came on the screen; seq > 0 loads around that message. Sets the "New" line. */
  async open(_seq: number): Promise<void> {}
  /** The room left the screen. */
  leave(): void {}
  async loadOlder(): Promise<void> {}
  async loadNewer(): Promise<void> {}
  /** Goes to the live edge. */
  async toNewest(): Promise<void> {}
  /** Loads a window around a message, unless it is loaded already. */
  async around(_seq: number): Promise<void> {}
  /** Seq of the first message not before a moment (ms), for "jump to date"; 0 if there is none. */
  async seqAt(_at: number): Promise<number> {
    return 0;
  }
  /** Shows a pending bubble at once and sends. */
  send(_text: string): void {}
  retry(_key: string): void {}
  /** Drops a failed message. */
  discard(_key: string): void {}
  async edit(_seq: number, _text: string): Promise<void> {}
  async remove(_seq: number): Promise<void> {}
  /** The newest own message that can be edited: what ArrowUp in an empty composer takes. */
  lastOwn(): Item | undefined {
    return undefined;
  }
  /** The item of a seq if it is loaded. */
  bySeq(_seq: number): Item | undefined {
    return undefined;
  }
}
