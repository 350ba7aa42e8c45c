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

  /** Tries at once. */
  retryNow(): void {}
}
