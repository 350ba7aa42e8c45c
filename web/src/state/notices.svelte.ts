/** What a toast offers to do. */
export interface NoticeAction {
  readonly label: string;
  run(): void;
}

/** A toast on the screen. Its text is already in the person's language. */
export interface Notice {
  readonly id: number;
  readonly kind: 'info' | 'error';
  readonly text: string;
  readonly action: NoticeAction | null;
}

/** How many toasts are shown at once: more cover the composer of a phone. */
export const maxNotices = 3;
const shownFor = 5_000;

/** Notices are the toasts: at most three, each for five seconds unless the pointer holds them. */
export class Notices {
  list: readonly Notice[] = $state.raw([]);
  #next = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows a toast and gives its id. */
  show(text: string, options: { kind?: Notice['kind']; action?: NoticeAction } = {}): number {
    const notice: Notice = { id: this.#next++, kind: options.kind ?? 'info', text, action: options.action ?? null };
    const kept = this.list.slice(-(maxNotices - 1));
    for (const old of this.list) if (!kept.includes(old)) this.hold(old.id);
    this.list = [...kept, notice];
    this.release(notice.id);
    return notice.id;
  }

  error(text: string): number {
    return this.show(text, { kind: 'error' });
  }

  dismiss(id: number): void {
    this.hold(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** Stops the clock, while the pointer or the focus is on the toast. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** Lets the clock run again. */
  release(id: number): void {
    this.hold(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), shownFor),
    );
  }
}
