/** Every screen with a URL of its own. */
export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'setup'; readonly token: string }
  | { readonly name: 'login' }
  | { readonly name: 'signup' }
  | { readonly name: 'invite'; readonly code: string }
  | { readonly name: 'reset'; readonly token: string }
  | { readonly name: 'room'; readonly room: string; readonly seq: number }
  | { readonly name: 'direct'; readonly user: string }
  | { readonly name: 'browse' }
  | { readonly name: 'settings'; readonly page: string }
  | { readonly name: 'lost' };

/** The routes that need no session; all others send a stranger to /login. */
export const publicRoutes: ReadonlySet<Route['name']> = new Set([
  'setup',
  'login',
  'signup',
  'invite',
  'reset',
]);

/** The path of a route below the server's base, without a leading slash: `c/r_…/12`. */
export function pathOf(route: Route): string {
  switch (route.name) {
    case 'home':
    case 'lost':
      return '';
    case 'setup':
    case 'reset':
      return `${route.name}/${encodeURIComponent(route.token)}`;
    case 'invite':
      return `invite/${encodeURIComponent(route.code)}`;
    case 'room':
      return route.seq > 0 ? `c/${route.room}/${route.seq}` : `c/${route.room}`;
    case 'direct':
      return `d/${route.user}`;
    case 'settings':
      return route.page === '' ? 'settings' : `settings/${encodeURIComponent(route.page)}`;
    default:
      return route.name;
  }
}

/** Reads a path below the base (no leading slash) and the URL's query and fragment. Never throws. */
export function parsePath(path: string, search = '', hash = ''): Route {
  const [head = '', first = '', second = '', ...rest] = path.replace(/\/+$/, '').split('/').map(decode);
  const secret = first || (new URLSearchParams(search).get('token') ?? '') || hash.replace(/^#/, '');
  if (rest.length > 0) return { name: 'lost' };
  switch (head) {
    case '':
      return { name: 'home' };
    case 'login':
    case 'signup':
    case 'browse':
      return { name: head };
    case 'setup':
    case 'reset':
      return { name: head, token: secret };
    case 'invite':
      return first === '' ? { name: 'lost' } : { name: 'invite', code: first };
    case 'c':
      return roomRoute(first, second);
    case 'd':
      return first === '' ? { name: 'lost' } : { name: 'direct', user: first };
    case 'settings':
      return { name: 'settings', page: first };
    default:
      return { name: 'lost' };
  }
}

function roomRoute(room: string, seq: string): Route {
  if (room === '' || !/^\d{0,15}$/.test(seq)) return { name: 'lost' };
  return { name: 'room', room, seq: seq === '' ? 0 : Number(seq) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * Router is the address bar as state. It knows the base path the server runs under, so links work
 * below a sub-path, and it is the only one that touches the history.
 */
export class Router {
  /** Where we are. */
  route: Route = $state.raw({ name: 'home' });
  /** Counts up with every navigation, also to the same place: a permalink clicked twice flashes twice. */
  visit: number = $state(0);

  /** Path of the server's root, with a slash at both ends: `/` or `/chat/`. */
  readonly base: string;
  readonly #window: Window;
  readonly #onPop = (): void => this.#read();

  constructor(win: Window = window) {
    this.#window = win;
    this.base = new URL(win.document.baseURI).pathname.replace(/[^/]*$/, '');
    this.#read();
    win.addEventListener('popstate', this.#onPop);
  }

  /** The path for an href: `/chat/c/r_…/12`. */
  href(route: Route): string {
    return this.base + pathOf(route);
  }

  /** The full address, for "Copy link". */
  link(route: Route): string {
    return new URL(this.href(route), this.#window.location.origin).href;
  }

  /** Goes there; Back comes back here. `replace` puts it in place of the present entry. */
  go(route: Route, replace = false): void {
    const href = this.href(route);
    const here = this.#window.location;
    if (replace || href === here.pathname + here.search) this.#window.history.replaceState(null, '', href);
    else this.#window.history.pushState(null, '', href);
    this.route = route;
    this.visit++;
  }

  back(): void {
    this.#window.history.back();
  }

  forward(): void {
    this.#window.history.forward();
  }

  /**
   * For one click handler on the document: turns a plain click on a link of ours into `go` and says
   * whether it did. Clicks with a modifier, other buttons and foreign links stay the browser's.
   */
  click(event: MouseEvent): boolean {
    if (event.defaultPrevented || event.button !== 0) return false;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
    const anchor = event.target instanceof Element ? event.target.closest('a') : null;
    if (anchor === null || !anchor.href || anchor.target !== '' || anchor.hasAttribute('download')) return false;
    const url = new URL(anchor.href);
    if (url.origin !== this.#window.location.origin || !url.pathname.startsWith(this.base)) return false;
    const route = parsePath(url.pathname.slice(this.base.length), url.search, url.hash);
    if (route.name === 'lost') return false;
    event.preventDefault();
    this.go(route);
    return true;
  }

  close(): void {
    this.#window.removeEventListener('popstate', this.#onPop);
  }

  #read(): void {
    const { pathname, search, hash } = this.#window.location;
    const inside = pathname.startsWith(this.base) ? pathname.slice(this.base.length) : '';
    this.route = parsePath(inside, search, hash);
    this.visit++;
  }
}
