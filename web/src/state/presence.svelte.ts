export type PresenceState = 'online' | 'away' | 'offline';

/** Presence is who is here, for the people on the screen (at most limits.watched). */
export class Presence {
  /** Reactive; undefined while not known. */
  of(_user: string): PresenceState | undefined {
    return undefined;
  }
  /** Says that a person's dot is on the screen; call what it gives when it no longer is: `$effect(() => presence.show(id))`. */
  show(_user: string): () => void {
    return () => {};
  }
}
