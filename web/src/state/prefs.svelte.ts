import type { Api } from '../net/api.ts';
import type { Preferences } from '../wire.ts';

export type Theme = Preferences['theme'];
export type Language = Preferences['language'];
export type EnterKey = Preferences['enter_key'];

/**
 * Prefs are the person's own settings. They work signed out too (kept on this device, where boot.js
 * reads them before the first paint) and follow the account when signed in. Setting one takes effect at
 * once and is saved behind; a save that fails puts the old value back and throws.
 */
export class Prefs {
  theme: Theme = $state('system');
  /** '' means as the browser asks. */
  language: Language = $state('');
  enterKey: EnterKey = $state('send');
  /** The language to show: language, or the browser's. Load the catalogue that this names. */
  readonly locale: 'en' | 'zh-CN' = $derived(this.language === '' ? browserLocale() : this.language);

  constructor(_api: Api) {}

  async set(_patch: { theme?: Theme; language?: Language; enterKey?: EnterKey }): Promise<void> {}
}

function browserLocale(): 'en' | 'zh-CN' {
  return navigator.languages.some((tag) => /^zh\b/i.test(tag)) ? 'zh-CN' : 'en';
}
