import { Api } from '../net/api.ts';
import type { Client } from './client.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Prefs } from './prefs.svelte.ts';
import { publicRoutes, Router, type Route } from './route.svelte.ts';
import { Session } from './session.svelte.ts';

/**
 * App is the light part every screen has, signed in or not. The heavy part, Client, is a chunk of its
 * own that is loaded when somebody is signed in, so the sign-in screen never downloads it:
 *
 *   app.client !== null                → the shell (give it on with provideClient)
 *   else app.session.phase === 'out'   → the sign-in screens, by app.router.route
 *   else                               → nothing yet (a skeleton after 100 ms)
 */
export class App {
  readonly api: Api;
  readonly router: Router;
  readonly session: Session;
  readonly prefs: Prefs;
  readonly notices: Notices;
  /** There while somebody is signed in and the first screen can be drawn (from the cache or the server). */
  client: Client | null = $state.raw(null);
  /** The client's code could not be loaded (no network, nothing cached): offer `start()` as Retry. */
  stuck: boolean = $state(false);
  /** Where a stranger wanted to go before being sent to /login. */
  #wanted: Route | null = null;
  #turn = 0;

  constructor() {
    this.router = new Router();
    this.api = new Api(this.router.base);
    this.prefs = new Prefs(this.api);
    this.notices = new Notices();
    this.session = new Session(this.api, this.router.base);
    this.session.onTurn = () => void this.#turned();
  }

  /** Finds out who is here and opens the client if somebody is. Called once by main.ts. */
  async start(): Promise<void> {
    this.stuck = false;
    if (this.session.phase === 'in') return this.#turned();
    const isPublic = publicRoutes.has(this.router.route.name);
    if (isPublic && !this.session.remembered) this.session.stranger();
    else await this.session.start();
  }

  async #turned(): Promise<void> {
    const turn = ++this.#turn;
    const { session, router } = this;
    if (session.phase === 'in' && session.me !== null) {
      const me = session.me.id;
      if (this.client?.me === me) return;
      try {
        const { Client } = await import('./client.svelte.ts');
        const client = await Client.open(this, me);
        if (turn !== this.#turn) return client.close(false);
        this.client = client;
      } catch {
        this.stuck = true;
        return;
      }
      if (publicRoutes.has(router.route.name) && router.route.name !== 'reset') router.go(this.#wanted ?? { name: 'home' }, true);
      this.#wanted = null;
      return;
    }
    if (session.phase !== 'out') return;
    const old = this.client;
    this.client = null;
    this.prefs.detach();
    if (!publicRoutes.has(router.route.name)) {
      this.#wanted = session.reason === 'stranger' || session.reason === 'ended' ? router.route : null;
      router.go({ name: 'login' }, true);
    }
    await old?.close(true);
  }
}
