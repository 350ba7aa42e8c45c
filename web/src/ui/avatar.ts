/** How many colours tokens.css has for avatars. */
export const tones = 8;

const han = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;

/**
 * One or two characters that stand for a name. A Chinese name gives its last character, as people
 * there do; others the first letters of the first and the last word.
 */
export function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const first = words[0];
  if (first === undefined) return '?';
  if (han.test(first)) return [...first].at(-1) ?? '?';
  const letters = [...first].slice(0, 1);
  const last = words.at(-1);
  if (words.length > 1 && last !== undefined && !han.test(last)) letters.push(...[...last].slice(0, 1));
  return letters.join('').toLocaleUpperCase();
}

/** The number of the colour that belongs to a seed (an id), the same on every device. */
export function tone(seed: string): number {
  let hash = 2166136261; // FNV-1a
  for (let i = 0; i < seed.length; i++) {
    hash ^= seed.charCodeAt(i);
    hash = Math.imul(hash, 16777619);
  }
  hash ^= hash >>> 15;
  return (hash >>> 0) % tones;
}
