import type { Api } from '../net/api.ts';
import type { InviteInfo, Login, Register, ResetPassword, Server, Setup, User } from '../wire.ts';

/** Why this device is signed out: never signed in, left by itself, ended elsewhere, account disabled. */
export type OutReason = 'stranger' | 'left' | 'ended' | 'disabled';

/**
 * Session is who is signed in on this device. Its methods throw ApiError (net/api.ts): show
 * `error.code` by the catalogue, at `error.field` if there is one.
 */
export class Session {
  /** 'asking' until it is known; 'in' also while only the cache says so. */
  phase: 'asking' | 'in' | 'out' = $state('asking');
  reason: OutReason = $state('stranger');
  /** Who is signed in; null unless phase is 'in'. Its name follows profile changes. */
  me: User | null = $state.raw(null);
  /** This device's session id; '' until the server answered. */
  device: string = $state('');
  /** What the server says about itself; null until it answered. */
  server: Server | null = $state.raw(null);

  constructor(_api: Api) {}

  async loadServer(): Promise<Server> {
    throw new Error('not yet');
  }
  async setup(_body: Setup): Promise<void> {}
  async register(_body: Register): Promise<void> {}
  async login(_body: Login): Promise<void> {}
  /** Uses a reset link; afterwards the person signs in. */
  async resetPassword(_body: ResetPassword): Promise<void> {}
  async inviteInfo(_code: string): Promise<InviteInfo> {
    throw new Error('not yet');
  }
  /** Ends this device's session and wipes what is stored here. */
  async logout(): Promise<void> {}
}
