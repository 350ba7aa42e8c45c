/** Unused for this long, the window no longer counts as active. */
const idleAfter = 5 * 60_000;
/** How often input moves the clock; a moving mouse makes hundreds of events a second. */
const coarse = 10_000;

const inputs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** Activity is whether somebody sits before this window. */
export class Activity {
  /** The tab is visible. */
  visible: boolean = $state(true);
  /** The tab is visible and the window has the focus. */
  focused: boolean = $state(true);
  /** Visible, and used within the last five minutes. */
  active: boolean = $state(true);

  /** Called after any of the three changed. */
  onChange: () => void = () => {};
  readonly #stop = new AbortController();
  #used = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const { signal } = this.#stop;
    for (const name of inputs) addEventListener(name, () => this.#input(), { signal, passive: true, capture: true });
    for (const name of ['focus', 'blur'] as const) addEventListener(name, () => this.#look(), { signal });
    document.addEventListener('visibilitychange', () => this.#look(), { signal });
    this.#look();
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  #input(): void {
    const now = Date.now();
    if (this.active && now - this.#used < coarse) return;
    this.#used = now;
    this.#look();
  }

  #look(): void {
    const visible = document.visibilityState === 'visible';
    const focused = visible && document.hasFocus();
    if (focused && !this.focused) this.#used = Date.now();
    const left = this.#used + idleAfter - Date.now();
    const active = visible && left > 0;
    clearTimeout(this.#timer);
    if (active) this.#timer = setTimeout(() => this.#look(), left);
    if (visible === this.visible && focused === this.focused && active === this.active) return;
    this.visible = visible;
    this.focused = focused;
    this.active = active;
    this.onChange();
  }
}
