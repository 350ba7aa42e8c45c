import type { Catalog } from './en.ts';

export type Locale = 'en' | 'zh-CN';

/** What each language is called in itself. */
export const localeNames: Readonly<Record<Locale, string>> = { en: 'English', 'zh-CN': '简体中文' };

const loaders: Readonly<Record<Locale, () => Promise<Catalog>>> = {
  en: async () => (await import('./en.ts')).en,
  'zh-CN': async () => (await import('./zh-CN.ts')).zhCN,
};

const day = 86_400_000;

/** The language of the page: its catalogue, a chunk of its own, and its ways to write dates. */
export class Language {
  locale: Locale = $state('en');
  #catalog: Catalog | undefined = $state.raw();
  readonly #formats = $derived(makeFormats(this.locale));

  /** A catalogue is loaded; before that nothing can be drawn. */
  get ready(): boolean {
    return this.#catalog !== undefined;
  }

  get catalog(): Catalog {
    if (!this.#catalog) throw new Error('no language loaded');
    return this.#catalog;
  }

  /** Loads a language and switches to it. The one in use stays until then. */
  async use(locale: Locale): Promise<void> {
    const catalog = await loaders[locale]();
    this.#catalog = catalog;
    this.locale = locale;
    document.documentElement.lang = locale;
  }

  /** "14:05" */
  time(at: number): string {
    return this.#formats.time(at);
  }

  /** "Today", "Yesterday", "Monday, 3 March", with the year when it is another. */
  day(at: number, now: number): string {
    const away = daysBetween(at, now);
    if (away === 0) return this.catalog.log.today;
    if (away === 1) return this.catalog.log.yesterday;
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return (sameYear ? this.#formats.day : this.#formats.date).format(at);
  }

  /** "14:05" today, "Yesterday 14:05", or a short date and the time. */
  moment(at: number, now: number): string {
    const away = daysBetween(at, now);
    if (away === 0) return this.time(at);
    if (away === 1) return `${this.catalog.log.yesterday} ${this.time(at)}`;
    return this.#formats.moment.format(at);
  }

  /** "3 March 2026, 14:05:09": everything, for a tooltip. */
  full(at: number): string {
    return this.#formats.full.format(at);
  }

  /** "3 March 2026" */
  date(at: number): string {
    return this.#formats.date.format(at);
  }

  /** "5 minutes ago", "in 3 days" */
  relative(at: number, now: number): string {
    const seconds = Math.round((at - now) / 1000);
    const steps: [Intl.RelativeTimeFormatUnit, number][] = [
      ['day', 86_400],
      ['hour', 3_600],
      ['minute', 60],
    ];
    for (const [unit, size] of steps) {
      if (Math.abs(seconds) >= size) return this.#formats.relative.format(Math.trunc(seconds / size), unit);
    }
    return this.#formats.relative.format(Math.trunc(seconds), 'second');
  }
}

/** The page's language. A page has one, as it has one document. */
export const language = new Language();

/** The catalogue in use; reading it in markup follows a switch. */
export function t(): Catalog {
  return language.catalog;
}

/** Calendar days from one moment to another, in local time. */
export function daysBetween(from: number, to: number): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / day);
}

export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

function makeFormats(locale: Locale) {
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return {
    time: byMinute(new Intl.DateTimeFormat(locale, clock)),
    day: new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }),
    date: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' }),
    moment: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...clock }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium' }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  };
}

/** Every message asks for its time, and most that stand together are of one minute. */
function byMinute(format: Intl.DateTimeFormat): (at: number) => string {
  let minute = Number.NaN;
  let text = '';
  return (at) => {
    const asked = Math.floor(at / 60_000);
    if (asked !== minute) text = format.format(at);
    minute = asked;
    return text;
  };
}
