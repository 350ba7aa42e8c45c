import { startOfDay } from '../../i18n/language.svelte.ts';
import type { Item } from '../../state/timeline.svelte.ts';

/** Messages of one author that are no further apart share one head. */
const together = 5 * 60_000; // ms

/** The shortest day there is, when the clocks go forward: within it nothing has to be asked of the calendar. */
const surely = 22 * 60 * 60_000; // ms

/** One line of the log. Keys are unique in a log and stay as long as the line does. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: 'new' }
  | { readonly kind: 'message'; readonly key: string; readonly item: Item; readonly head: boolean };

/**
 * The rows of the items from start to end: a day line where a day begins and always at the top, the
 * "New" line after the message newAfter (none if negative), and who speaks shown once for messages that belong together.
 * The item before start decides how the first row looks, so moving the window changes no row.
 */
export function rowsOf(items: readonly Item[], start: number, end: number, newAfter: number): Row[] {
  const rows: Row[] = [];
  let before = items[start - 1];
  let day = before ? startOfDay(before.at) : Number.NaN;
  for (let i = start; i < end; i++) {
    const item = items[i];
    if (!item) break;
    const today = item.at >= day && item.at < day + surely ? day : startOfDay(item.at);
    const newDay = today !== day;
    day = today;
    if (newDay || i === start) rows.push({ kind: 'day', key: `day-${day}`, at: item.at });
    const first = isFirstNew(item, before, i === 0, newAfter);
    if (first) rows.push({ kind: 'new', key: 'new' });
    rows.push({ kind: 'message', key: item.key, item, head: newDay || first || !belongs(before, item) });
    before = item;
  }
  return rows;
}

/** The rows with those of before in the place of equal ones, so that only what changed is drawn anew. */
export function reused(rows: readonly Row[], before: readonly Row[]): readonly Row[] {
  const old = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const same = old.get(row.key);
    return same && isSame(same, row) ? same : row;
  });
}

function isSame(a: Row, b: Row): boolean {
  if (a.kind === 'message') return b.kind === 'message' && a.item === b.item && a.head === b.head;
  return a.kind === b.kind;
}

function isFirstNew(item: Item, before: Item | undefined, oldest: boolean, newAfter: number): boolean {
  if (newAfter < 0 || item.seq <= newAfter) return false;
  return before === undefined ? oldest : before.seq > 0 && before.seq <= newAfter;
}

function belongs(before: Item | undefined, item: Item): boolean {
  return (
    before !== undefined &&
    before.author === item.author &&
    !before.deleted &&
    !item.deleted &&
    item.at - before.at < together
  );
}

const han = /[\p{Script=Han}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/gu;
const asian = /[\u2e80-\uffff]/; // also the halves of what lies beyond
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * The language to mark a message with: 'zh' when it is mostly Chinese, so that the right glyph forms
 * are drawn; 'und' (undetermined) when it is not, so that it does not inherit the page's.
 */
export function langOf(text: string): 'zh' | 'und' {
  if (!asian.test(text) || kana.test(text)) return 'und';
  const letters = text.replace(/https?:\S+|[\s\d\p{P}\p{S}]/gu, '').length;
  const chinese = text.match(han)?.length ?? 0;
  return chinese > 0 && chinese * 3 >= letters ? 'zh' : 'und';
}

// \p{RGI_Emoji} would say it shorter, but takes a browser a tenth of a second to make ready.
const picture = '(?:\\p{Emoji_Presentation}\\p{Emoji_Modifier}?|\\p{Emoji}\\ufe0f|\\p{Emoji_Modifier_Base}\\p{Emoji_Modifier})';
const joined = `${picture}[\\u{e0020}-\\u{e007f}]*(?:\\u200d(?:${picture}|\\p{Extended_Pictographic}))*`;
const emoji = `(?:\\p{Regional_Indicator}{2}|[#*0-9]\\ufe0f?\\u20e3|${joined})`;
const emojiOnly = new RegExp(`^(?:${emoji}\\s*){1,3}$`, 'u');
const letter = /[A-Za-z\u3040-\u9fff]/;

/** Whether a message is one to three emoji and nothing else, which are then shown large. */
export function isJumbo(text: string): boolean {
  return text.length < 80 && !letter.test(text) && emojiOnly.test(text);
}
