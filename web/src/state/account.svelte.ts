import type { Calls } from '../net/calls.ts';
import { newer } from '../sync/apply.ts';
import type { Invite, Session as Device, Settings } from '../wire.ts';
import type { People } from './people.svelte.ts';
import type { Session } from './session.svelte.ts';

/** Account is what the settings screens do: profile, password, devices, invites, the server. Methods throw ApiError. */
export class Account {
  /** The server's own settings, kept current. */
  settings: Settings | null = $state.raw(null);

  readonly #calls: Calls;
  readonly #session: Session;
  readonly #people: People;

  constructor(calls: Calls, session: Session, people: People) {
    this.#calls = calls;
    this.#session = session;
    this.#people = people;
  }

  async setName(name: string): Promise<void> {
    const user = await this.#calls.updateMe(name);
    this.#people.apply([user]);
    this.#session.update(user);
  }

  /** Ends all other sessions too. */
  async changePassword(old: string, fresh: string): Promise<void> {
    await this.#calls.changePassword({ old, new: fresh });
  }

  devices(): Promise<Device[]> {
    return this.#calls.sessions();
  }

  async endDevice(id: string): Promise<void> {
    await this.#calls.endSession(id);
  }

  async endOtherDevices(): Promise<void> {
    await this.#calls.endOtherSessions();
  }

  /** May the person make invites and change the server's settings? Reactive. */
  get leads(): boolean {
    const role = this.#session.me?.role;
    return role === 'admin' || role === 'owner';
  }

  invites(): Promise<Invite[]> {
    return this.#calls.invites();
  }

  createInvite(uses: number, expiresIn: number): Promise<Invite> {
    return this.#calls.createInvite({ uses, expires_in: expiresIn });
  }

  async revokeInvite(id: string): Promise<void> {
    await this.#calls.revokeInvite(id);
  }

  async updateSettings(patch: { name?: string; registration?: Settings['registration'] }): Promise<void> {
    this.apply(await this.#calls.updateSettings(patch));
  }

  apply(settings: Settings): void {
    this.settings = newer(this.settings ?? undefined, settings);
  }
}
