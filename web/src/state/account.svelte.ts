import type { Invite, Session as Device, Settings } from '../wire.ts';

/** Account is what the settings screens do: profile, password, devices, invites, the server. Methods throw ApiError. */
export class Account {
  /** The server's own settings, kept current. */
  settings: Settings | null = $state.raw(null);
  async setName(_name: string): Promise<void> {}
  /** Ends all other sessions too. */
  async changePassword(_old: string, _new: string): Promise<void> {}
  async devices(): Promise<Device[]> {
    return [];
  }
  async endDevice(_id: string): Promise<void> {}
  async endOtherDevices(): Promise<void> {}
  /** May the person make invites and change the server's settings? */
  get leads(): boolean {
    return false;
  }
  async invites(): Promise<Invite[]> {
    return [];
  }
  async createInvite(_uses: number, _expiresIn: number): Promise<Invite> {
    throw new Error('not yet');
  }
  async revokeInvite(_id: string): Promise<void> {}
  async updateSettings(_patch: { name?: string; registration?: Settings['registration'] }): Promise<void> {}
}
