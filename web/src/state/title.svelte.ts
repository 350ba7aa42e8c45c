import type { Rooms } from './rooms.svelte.ts';

/** Title is what the browser's tab shows; the client puts it into the document. */
export class Title {
  readonly #rooms: Rooms;
  readonly #server: () => string;

  constructor(rooms: Rooms, server: () => string) {
    this.#rooms = rooms;
    this.#server = server;
  }

  /** "(3) #general · Myna". Reactive. */
  get text(): string {
    const { mentions, current } = this.#rooms;
    const entry = this.#rooms.get(current);
    const room = entry === undefined ? '' : `${entry.direct ? '' : '#'}${entry.title} · `;
    return `${mentions > 0 ? `(${mentions > 99 ? '99+' : mentions}) ` : ''}${room}${this.#server()}`;
  }

  /** The dot on the icon. Reactive. */
  get badge(): 'none' | 'unread' | 'mention' {
    if (this.#rooms.mentions > 0) return 'mention';
    return this.#rooms.unreadRooms > 0 ? 'unread' : 'none';
  }
}
