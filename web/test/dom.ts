// The few things of a browser that the state classes touch, for tests in Node. Not a DOM: what needs one
// is tested in a real browser.

/** What a test can do with the page. */
export interface Page {
  /** Fires an event on the window. */
  fire(name: string): void;
  /** Shows or hides the tab. */
  show(visible: boolean): void;
  focus(focused: boolean): void;
}

/** Puts a page at a path into the globals. */
export function makePage(path = '/'): Page {
  const events = new EventTarget();
  const documentEvents = new EventTarget();
  const state = { visible: true, focused: true };
  const kept = new Map<string, string>();
  const location = new URL(path, 'http://myna.test');
  const document = {
    baseURI: 'http://myna.test/',
    title: 'Myna',
    documentElement: { dataset: {}, lang: 'en' },
    get visibilityState() {
      return state.visible ? 'visible' : 'hidden';
    },
    hasFocus: () => state.focused,
    querySelector: () => null,
    addEventListener: documentEvents.addEventListener.bind(documentEvents),
    removeEventListener: documentEvents.removeEventListener.bind(documentEvents),
  };
  const history = {
    pushState: (_state: unknown, _title: string, href: string) => (location.href = new URL(href, location).href),
    replaceState: (_state: unknown, _title: string, href: string) => (location.href = new URL(href, location).href),
    back: () => {},
    forward: () => {},
  };
  const window = {
    document,
    location,
    history,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    localStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    },
    navigator: { languages: ['en'], onLine: true },
    requestAnimationFrame: (run: () => void) => setTimeout(run, 1),
  };
  // Pages of one test are not tabs of one browser.
  for (const [name, value] of Object.entries({ window, ...window, BroadcastChannel: undefined })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return {
    fire: (name) => void events.dispatchEvent(new Event(name)),
    show: (visible) => {
      state.visible = visible;
      documentEvents.dispatchEvent(new Event('visibilitychange'));
    },
    focus: (focused) => {
      state.focused = focused;
      events.dispatchEvent(new Event(focused ? 'focus' : 'blur'));
    },
  };
}
