import type { User } from '../wire.ts';

/** People is the directory: everybody on the server, kept current. */
export class People {
  /** The whole directory is here; before that, unknown ids may still be on their way. */
  complete: boolean = $state(false);
  /** Reactive a person. Undefined while unknown: show a placeholder of the same size. */
  get(_id: string): User | undefined {
    return undefined;
  }
  /** Display name, or '' while unknown. */
  name(_id: string): string {
    return '';
  }
  /** By username, case folded. */
  byUsername(_username: string): User | undefined {
    return undefined;
  }
  /** Everybody that is not disabled, by name; a plain array that is replaced on change. */
  get all(): readonly User[] {
    return [];
  }
}
