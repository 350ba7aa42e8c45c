/** A name being typed: what kind, where its sign stands, and what follows it so far. */
export interface Trigger {
  readonly kind: 'person' | 'room';
  readonly start: number;
  readonly query: string;
}

const longest = 40; // characters of a name that is still being typed
const sign = /[@#＠＃]([^\s@#＠＃]*)$/u;
// A sign right after these belongs to an address or a link. Chinese text before it is fine: 你好@王
const inWord = /[\w./:&=?+-]$/u;

/** The name the caret is in, if any. */
export function triggerAt(text: string, caret: number): Trigger | undefined {
  const before = text.slice(Math.max(0, caret - longest - 1), caret);
  const match = sign.exec(before);
  if (!match) return undefined;
  const start = caret - match[0].length;
  if (inWord.test(text.slice(0, start).slice(-1))) return undefined;
  const kind = match[0].startsWith('@') || match[0].startsWith('＠') ? 'person' : 'room';
  return { kind, start, query: match[1] ?? '' };
}
