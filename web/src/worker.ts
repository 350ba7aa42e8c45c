/** The part of Trusted Types that is used here; TypeScript's library does not know it yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The worker's file, beside the page's base. */
const worker = 'sw.js';

/** Installs the service worker when the page has nothing better to do. A browser that refuses does without. */
export function installWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const url = types?.createPolicy('myna-sw', { createScriptURL: () => worker }).createScriptURL(worker) ?? worker;
  const install = (): void => void navigator.serviceWorker.register(url).catch(() => {});
  if (document.readyState === 'complete') install();
  else addEventListener('load', install, { once: true });
}
