import { errorText } from '../../i18n/attempt.svelte.ts';
import { t } from '../../i18n/language.svelte.ts';
import type { App } from '../../state/app.svelte.ts';
import type { Client } from '../../state/client.svelte.ts';
import type { RoomEntry } from '../../state/rooms.svelte.ts';
import type { Item, Timeline } from '../../state/timeline.svelte.ts';
import { quoted, type Action } from './actions.ts';

/** What Doer acts on. */
export interface Means {
  app: App;
  client: Client;
  room: () => RoomEntry;
  timeline: () => Timeline;
  onedit: (seq: number) => void;
  onquote: (text: string) => void;
}

/** Doer does what the toolbar, the sheet and the keys ask for with a message, and says how it went. */
export class Doer {
  /** The message whose deletion is to be confirmed. */
  deleting: Item | null = $state.raw(null);
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  async act(item: Item, action: Action): Promise<void> {
    const { app, client, room, onedit, onquote } = this.#means;
    switch (action.name) {
      case 'quote':
        return onquote(quoted(item.text));
      case 'edit':
        return onedit(item.seq);
      case 'delete':
        this.deleting = item;
        return;
      case 'unread':
        client.marks.unread(room().id, item.seq);
        app.notices.show(t().log.unreadToast);
        return;
      case 'link':
        await navigator.clipboard.writeText(app.router.link({ name: 'room', room: room().id, seq: item.seq }));
        app.notices.show(t().log.linkCopied);
        return;
      case 'text':
        await navigator.clipboard.writeText(item.text);
        app.notices.show(t().log.textCopied);
        return;
    }
  }

  cancelDelete(): void {
    this.deleting = null;
  }

  async confirmDelete(): Promise<void> {
    const item = this.deleting;
    this.deleting = null;
    if (!item) return;
    const { app, timeline } = this.#means;
    try {
      await timeline().remove(item.seq);
      app.notices.show(t().log.deletedToast);
    } catch (error) {
      app.notices.error(errorText(error));
    }
  }
}
