import { Api } from '../net/api.ts';
import type { Client } from './client.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Prefs } from './prefs.svelte.ts';
import { Router } from './route.svelte.ts';
import { Session } from './session.svelte.ts';

/**
 * App is the light part every screen has, signed in or not. The heavy part, Client, is loaded when
 * somebody is signed in:
 *
 *   {#if app.client} <Shell/> (provide it with provideClient) {:else if app.session.phase === 'out'} <SignIn/>
 *
 * so the sign-in screen never downloads it.
 */
export class App {
  readonly api: Api;
  readonly router: Router;
  readonly session: Session;
  readonly prefs: Prefs;
  readonly notices: Notices;
  /** There while somebody is signed in and the first screen can be drawn (from the cache or the server). */
  client: Client | null = $state.raw(null);

  constructor() {
    this.router = new Router();
    this.api = new Api(this.router.base);
    this.prefs = new Prefs(this.api);
    this.notices = new Notices();
    this.session = new Session(this.api);
  }

  /** Finds out who is here and opens the client if somebody is. Called once by main.ts. */
  async start(): Promise<void> {}
}
