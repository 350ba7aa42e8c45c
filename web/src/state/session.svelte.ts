import type { Api } from '../net/api.ts';
import type {
  InviteInfo,
  Login,
  Register,
  ResetPassword,
  Server,
  Setup,
  SignedIn,
  Sync,
  User,
} from '../wire.ts';
import { keep, kept } from './kept.ts';

/** Why this device is signed out: never signed in, left by itself, ended elsewhere, account disabled. */
export type OutReason = 'stranger' | 'left' | 'ended' | 'disabled';

/** The parts of a User that are known before the server answered, and the rest once it did. */
type Me = Pick<User, 'id' | 'username' | 'name' | 'role'>;

/** What one tab tells the others of the same server. */
type Tell = { readonly type: 'in'; readonly user: string } | { readonly type: 'out'; readonly reason: OutReason };

/**
 * Session is who is signed in on this device. Its methods throw ApiError (net/api.ts): show
 * `error.code` by the catalogue, at `error.field` if there is one.
 */
export class Session {
  /** 'asking' until it is known; 'in' also while only this device's memory says so. */
  phase: 'asking' | 'in' | 'out' = $state('asking');
  reason: OutReason = $state('stranger');
  /** Who is signed in; null unless phase is 'in'. Its name follows profile changes. */
  me: Me | null = $state.raw(null);
  /** This device's session id; '' until the server answered. */
  device: string = $state('');
  /** What the server says about itself; null until loadServer() or the client got an answer. */
  server: Server | null = $state.raw(null);

  /** Called after phase became 'in' or 'out'. */
  onTurn: () => void = () => {};

  readonly #api: Api;
  /** Where the memory of who is signed in is kept: servers under other paths have their own. */
  readonly #key: string;
  readonly #channel: BroadcastChannel | null;

  constructor(api: Api, base: string) {
    this.#api = api;
    this.#key = `me:${base}`;
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`myna:${base}`);
    if (this.#channel !== null) this.#channel.onmessage = (event: MessageEvent<Tell>) => this.#told(event.data);
    api.onEnded = (code) => {
      if (this.phase === 'in') this.end(code === 'disabled' ? 'disabled' : 'ended');
    };
  }

  /** Finds out who is here: by this device's memory at once, else by asking the server. */
  async start(): Promise<void> {
    const remembered = readMe(kept(this.#key));
    if (remembered !== null) {
      this.#enter(remembered);
      return;
    }
    try {
      const sync = await this.#api.get<Sync>('sync');
      this.#enter(sync.me, sync.session);
    } catch {
      this.#leave('stranger');
    }
  }

  /** Nobody is here, without asking: for the public screens. */
  stranger(): void {
    this.#leave('stranger');
  }

  /** Did this device have somebody signed in when the page was loaded? */
  get remembered(): boolean {
    return kept(this.#key) !== '';
  }

  async loadServer(): Promise<Server> {
    return (this.server = await this.#api.get<Server>('server'));
  }

  async setup(body: Setup): Promise<void> {
    this.#signedIn(await this.#api.post<SignedIn>('setup', body));
  }

  async register(body: Register): Promise<void> {
    this.#signedIn(await this.#api.post<SignedIn>('users', body));
  }

  async login(body: Login): Promise<void> {
    this.#signedIn(await this.#api.post<SignedIn>('sessions', body));
  }

  /** Uses a reset link; afterwards the person signs in. */
  async resetPassword(body: ResetPassword): Promise<void> {
    await this.#api.post('password-reset', body);
  }

  async inviteInfo(code: string): Promise<InviteInfo> {
    return this.#api.get<InviteInfo>(`invites/${encodeURIComponent(code)}/info`);
  }

  /** Ends this device's session and wipes what is stored here; throws if the server cannot be told. */
  async logout(): Promise<void> {
    await this.#api.delete('sessions/current');
    this.end('left');
  }

  /** The session is over: everybody who shows it goes to the sign-in screen. */
  end(reason: OutReason): void {
    this.#leave(reason);
    this.#channel?.postMessage({ type: 'out', reason } satisfies Tell);
  }

  /** Keeps who is signed in current. */
  update(me: Me): void {
    if (this.phase !== 'in') return;
    this.me = me;
    keep(this.#key, JSON.stringify({ id: me.id, username: me.username, name: me.name, role: me.role }));
  }

  #signedIn(answer: SignedIn): void {
    this.#enter(answer.user, answer.session.id);
    this.#channel?.postMessage({ type: 'in', user: answer.user.id } satisfies Tell);
  }

  #enter(me: Me, device = ''): void {
    this.phase = 'in';
    this.device = device;
    this.update(me);
    this.onTurn();
  }

  #leave(reason: OutReason): void {
    keep(this.#key, '');
    this.phase = 'out';
    this.reason = reason;
    this.me = null;
    this.device = '';
    this.onTurn();
  }

  #told(tell: Tell): void {
    if (tell.type === 'out' && this.phase === 'in') this.#leave(tell.reason);
    if (tell.type === 'in' && this.phase === 'in' && this.me?.id !== tell.user) location.reload();
    if (tell.type === 'in' && this.phase === 'out') location.reload();
  }
}

function readMe(text: string): Me | null {
  try {
    const me = JSON.parse(text) as Partial<Me>;
    if (typeof me.id !== 'string' || typeof me.name !== 'string' || typeof me.username !== 'string') return null;
    return { id: me.id, username: me.username, name: me.name, role: me.role ?? 'member' };
  } catch {
    return null;
  }
}
