import type { LineState } from '../net/socket.ts';

/** A line that is back within this time was never worth mentioning. */
const quiet = 2_000;

/** Connection is whether we hear from the server. */
export class Connection {
  /** 'offline' when the device says it has no network. */
  state: 'online' | 'connecting' | 'offline' = $state('connecting');
  /** Show the banner: there was no socket for two seconds. */
  banner: boolean = $state(false);
  /** When the next try comes (ms since 1970), 0 if it runs now. */
  retryAt: number = $state(0);
  /** The server runs another version than this page came from: offer "Reload to update". */
  updateReady: boolean = $state(false);

  readonly #retry: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #version = '';

  constructor(retry: () => void) {
    this.#retry = retry;
    this.#hush();
  }

  /** Tries at once. */
  retryNow(): void {
    this.#retry();
  }

  line(state: LineState, retryAt: number): void {
    this.retryAt = retryAt;
    if (state === 'open') {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.banner = false;
      this.state = 'online';
      return;
    }
    this.state = state === 'offline' ? 'offline' : 'connecting';
    this.#hush();
  }

  /** The version the server says it is. The first one is ours: it served the page. */
  version(version: string): void {
    this.#version ||= version;
    if (version !== this.#version) this.updateReady = true;
  }

  /** The server found fault with what we send: most likely this page is older than it. */
  fault(): void {
    this.updateReady = true;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #hush(): void {
    this.#timer ??= setTimeout(() => {
      if (this.state !== 'online') this.banner = true;
    }, quiet);
  }
}
