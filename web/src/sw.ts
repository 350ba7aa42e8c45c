/// <reference lib="webworker" />
// The service worker keeps the shell on the device, so that the client opens without a network and shows
// what its database holds. It never touches the API: what people write is not in its cache.

export {}; // a module, so that its names are its own

declare const self: ServiceWorkerGlobalScope;
/** Paths of the build below the base, put in by the build. The list changes with every build, and with it this file. */
declare const SHELL_FILES: readonly string[];
/** Changes with every build. */
declare const SHELL_NAME: string;

const prefix = 'myna-shell-';
/** A page that does not come by then is taken from the cache. */
const patience = 3_000;

const base = new URL('./', self.location.href);
const shell = new URL('index.html', base).href;

self.addEventListener('install', (event) => {
  event.waitUntil(install());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(activate());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return;
  const path = url.pathname.slice(base.pathname.length);
  if (path.startsWith('api/')) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (SHELL_FILES.includes(path)) event.respondWith(file(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(SHELL_NAME);
  await cache.addAll([shell, ...SHELL_FILES.map((path) => new URL(path, base).href)]);
  await self.skipWaiting();
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== SHELL_NAME) await caches.delete(name);
  }
  await self.clients.claim();
}

/** The page from the server, so that a new version shows at once; from the cache when it is not reached. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(patience) });
    if (answer.ok || answer.type === 'opaqueredirect' || answer.status < 500) return answer;
  } catch {
    // No network: the cache below.
  }
  return (await caches.match(shell)) ?? Response.error();
}

/** A file of the build; hashed names never change. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}
