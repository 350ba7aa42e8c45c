import type { Api } from '../net/api.ts';
import type { Preferences, UpdatePreferences } from '../wire.ts';
import { keep, kept } from './kept.ts';

export type Theme = Preferences['theme'];
export type Language = Preferences['language'];
export type EnterKey = Preferences['enter_key'];
export type Locale = Exclude<Language, ''>;

/**
 * Prefs are the person's own settings. They work signed out too (kept on this device, where boot.js
 * reads them before the first paint) and follow the account when signed in. Setting one takes effect at
 * once and is saved behind; a save that fails puts the old value back and throws an ApiError.
 */
export class Prefs {
  theme: Theme = $state('system');
  /** '' means as the browser asks. */
  language: Language = $state('');
  enterKey: EnterKey = $state('send');
  /** The language to show: load the catalogue that this names. */
  readonly locale: Locale = $derived(this.language === '' ? browserLocale() : this.language);

  /** Set while somebody is signed in: changes go to the account then. */
  follows = false;
  #rev = 0;
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
    this.theme = oneOf(kept('theme'), ['system', 'light', 'dark']);
    this.language = oneOf(kept('language'), ['', 'en', 'zh-CN']);
    this.enterKey = oneOf(kept('enter'), ['send', 'newline']);
    this.#show();
  }

  async set(patch: { theme?: Theme; language?: Language; enterKey?: EnterKey }): Promise<void> {
    const before = { theme: this.theme, language: this.language, enterKey: this.enterKey };
    this.#take({ ...before, ...patch });
    if (!this.follows) return;
    const body: UpdatePreferences = {};
    if (patch.theme !== undefined) body.theme = patch.theme;
    if (patch.language !== undefined) body.language = patch.language;
    if (patch.enterKey !== undefined) body.enter_key = patch.enterKey;
    try {
      this.apply(await this.#api.patch<Preferences>('me/preferences', body));
    } catch (thrown) {
      this.#take(before);
      throw thrown;
    }
  }

  /** The account's row, as it came. */
  apply(row: Preferences): void {
    if (row.rev < this.#rev) return;
    this.#rev = row.rev;
    this.#take({ theme: row.theme, language: row.language, enterKey: row.enter_key });
  }

  /** The account's row as it is kept here, for the cache. */
  row(): Preferences {
    return { theme: this.theme, language: this.language, enter_key: this.enterKey, rev: this.#rev };
  }

  /** Nobody is signed in: what is shown stays, what is changed stays here. */
  detach(): void {
    this.follows = false;
    this.#rev = 0;
  }

  #take(all: { theme: Theme; language: Language; enterKey: EnterKey }): void {
    this.theme = all.theme;
    this.language = all.language;
    this.enterKey = all.enterKey;
    keep('theme', all.theme === 'system' ? '' : all.theme);
    keep('language', all.language);
    keep('enter', all.enterKey === 'send' ? '' : all.enterKey);
    this.#show();
  }

  /** The same two attributes that boot.js sets. */
  #show(): void {
    const root = document.documentElement;
    root.dataset['theme'] = this.theme;
    root.lang = this.language === '' ? browserLocale() : this.language;
  }
}

function browserLocale(): Locale {
  const first = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
  return /^zh/i.test(first) ? 'zh-CN' : 'en';
}

function oneOf<T extends string>(value: string, choices: readonly [T, ...T[]]): T {
  return choices.find((choice) => choice === value) ?? choices[0];
}
