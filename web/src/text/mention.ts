// Who is meant by an "@": the same rules as internal/text on the server, so that what is highlighted is
// what was counted.

/** No username is longer, in bytes of UTF-8. */
const maxNameBytes = 64;

const word = /[\p{L}\p{M}\p{Nd}_]/u;
const unspacedScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Can a username consist of this character? */
function isWord(char: string): boolean {
  return word.test(char);
}

/** Can it stand inside a username, but not end it? */
function isJoin(char: string): boolean {
  return char === '-' || char === '.';
}

/** Is it of a script that is written without spaces between words? */
export function isUnspaced(char: string): boolean {
  return unspacedScript.test(char);
}

/** Is it a letter or digit of a script that separates words by spaces? */
export function isSpacedWord(char: string): boolean {
  return isWord(char) && char !== '_' && !isUnspaced(char);
}

/** Can an @ or # after this character begin a name? Not in the middle of a word or an address. */
export function startsName(before: string): boolean {
  return before === '' || !isWord(before) || isUnspaced(before);
}

/** The character that ends at an index. */
export function charBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

/**
 * The beginnings of what follows an "@" that could be a username, the longest first. Chinese is written
 * without spaces: 王小明你好 gives all five beginnings, and who exists is for the caller to say.
 */
export function candidates(text: string, from: number): string[] {
  const ends: number[] = [];
  let last = '';
  let bytes = 0;
  let at = from;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    const char = String.fromCodePoint(code);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if ((!isWord(char) && !isJoin(char)) || bytes > maxNameBytes) break;
    if (last !== '' && isWord(last) && (isUnspaced(char) || isUnspaced(last) || isJoin(char))) ends.push(at);
    last = char;
    at += char.length;
  }
  if (last !== '' && isWord(last)) ends.push(at);
  return ends.reverse().map((end) => text.slice(from, end));
}
