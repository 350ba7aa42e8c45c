import type { Pinyin } from './pinyin.ts';

/** Something the switcher or a completion can find. */
export interface Candidate {
  readonly id: string;
  /** What is shown, and other spellings that find it too (username, topic). */
  readonly text: string;
  readonly aliases?: readonly string[];
}

/** A find. */
export interface Match<T extends Candidate> {
  readonly candidate: T;
  readonly score: number;
  /** Indices of the UTF-16 units of candidate.text that matched, for highlighting; [] when an alias did. */
  readonly hits: readonly number[];
}

/** How well one spelling fits. */
interface Fit {
  readonly score: number;
  readonly hits: readonly number[];
}

/** Better kinds of match always win over worse ones; within a kind, tighter and earlier ones do. */
const points = { exact: 1_000, prefix: 800, initials: 700, word: 600, inside: 400, initialsInside: 300, scattered: 100 } as const;
/** Another spelling counts a little less than what is shown. */
const aliasCost = 50;
/** Folded texts kept, so that a key stroke does not fold the directory again. */
const mostFolded = 20_000;

let pinyin: Pinyin | undefined;
let loading: Promise<void> | undefined;
const folded = new Map<string, string>();

/** Loads the pinyin part, a chunk of its own; call it when a switcher or completion opens. */
export function loadPinyin(): Promise<void> {
  loading ??= import('./pinyin.ts').then((module) => {
    pinyin = new module.Pinyin();
  });
  return loading;
}

/**
 * The candidates that fit a query, best first: the whole, the beginning, the beginning of a word, inside,
 * scattered letters; pinyin initials too (hdkf finds 后端开发) once loadPinyin is through. Equals keep
 * the given order, and so does an empty query.
 */
export function rank<T extends Candidate>(query: string, candidates: readonly T[], limit = 20): Match<T>[] {
  const wanted = fold(query.trim());
  if (wanted === '') return candidates.slice(0, limit).map((candidate) => ({ candidate, score: 0, hits: [] }));
  const found: Match<T>[] = [];
  for (const candidate of candidates) {
    const fit = bestFit(wanted, candidate);
    if (fit !== undefined) found.push({ candidate, ...fit });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, limit);
}

function bestFit(wanted: string, candidate: Candidate): Fit | undefined {
  let best = fit(wanted, candidate.text);
  for (const alias of candidate.aliases ?? []) {
    const other = fit(wanted, alias);
    if (other !== undefined && other.score - aliasCost > (best?.score ?? 0)) best = { score: other.score - aliasCost, hits: [] };
  }
  return best;
}

function fit(wanted: string, text: string): Fit | undefined {
  const have = fold(text);
  if (have === wanted) return { score: points.exact, hits: range(0, wanted.length) };
  if (have.startsWith(wanted)) return { score: points.prefix - spare(have, wanted), hits: range(0, wanted.length) };
  const word = wordStart(have, wanted);
  if (word >= 0) return { score: points.word - spare(have, wanted), hits: range(word, wanted.length) };
  const initials = fitInitials(wanted, have);
  if (initials !== undefined && initials.score >= points.inside) return initials;
  const inside = have.indexOf(wanted);
  if (inside >= 0) return { score: points.inside - spare(have, wanted), hits: range(inside, wanted.length) };
  return initials ?? scattered(wanted, have);
}

/** Up to 50 points for what is left over: a shorter text is a closer match. */
function spare(have: string, wanted: string): number {
  return Math.min(50, have.length - wanted.length);
}

/** Where the wanted text begins a word, -1 if nowhere. */
function wordStart(have: string, wanted: string): number {
  for (let at = have.indexOf(wanted, 1); at >= 0; at = have.indexOf(wanted, at + 1)) {
    if (/[\s\-_.#/·,]/.test(have.charAt(at - 1))) return at;
  }
  return -1;
}

/** Each wanted letter is a character of the text or begins its pinyin; at least one must be by pinyin. */
function fitInitials(wanted: string, have: string): Fit | undefined {
  if (pinyin === undefined || wanted.length > have.length) return undefined;
  for (let start = 0; start + wanted.length <= have.length; start++) {
    let byPinyin = false;
    let n = 0;
    for (; n < wanted.length; n++) {
      const char = have.charAt(start + n);
      if (char === wanted.charAt(n)) continue;
      if (!pinyin.of(char).includes(wanted.charAt(n))) break;
      byPinyin = true;
    }
    if (n === wanted.length && byPinyin) {
      const score = start === 0 ? points.initials : points.initialsInside;
      return { score: score - spare(have, wanted), hits: range(start, wanted.length) };
    }
  }
  return undefined;
}

/** All wanted letters in order, with anything between; close together is better. */
function scattered(wanted: string, have: string): Fit | undefined {
  const hits: number[] = [];
  let at = -1;
  for (const char of wanted) {
    if (char === ' ') continue;
    at = have.indexOf(char, at + 1);
    if (at < 0) return undefined;
    hits.push(at);
  }
  const spread = (hits.at(-1) ?? 0) - (hits[0] ?? 0) - hits.length;
  return hits.length < 2 ? undefined : { score: points.scattered - Math.min(90, spread), hits };
}

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_, i) => from + i);
}

/** Lower case and full width as half width, unit by unit, so that indices stay those of the text. */
function fold(text: string): string {
  let known = folded.get(text);
  if (known === undefined) {
    known = '';
    for (let i = 0; i < text.length; i++) {
      const unit = text.charAt(i);
      const small = unit.normalize('NFKC').toLowerCase();
      known += small.length === 1 ? small : unit;
    }
    if (folded.size >= mostFolded) folded.clear();
    folded.set(text, known);
  }
  return known;
}
