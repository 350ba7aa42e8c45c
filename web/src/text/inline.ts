import { candidates, charBefore, isSpacedWord, startsName } from './mention.ts';

/** A piece of a line. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'bold' | 'italic' | 'strike'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  /** href is always http, https or mailto, and absolute. */
  | { readonly kind: 'link'; readonly href: string; readonly inlines: readonly Inline[] }
  /** user and room are ids; text is what was written, with its @ or #. */
  | { readonly kind: 'mention'; readonly user: string; readonly text: string }
  | { readonly kind: 'room'; readonly room: string; readonly text: string };

/** What the parser asks about names it meets. */
export interface Names {
  /** The id of the user that `username` names, or undefined. */
  user(username: string): string | undefined;
  /** The id of the room called `name`, or undefined. */
  room(name: string): string | undefined;
}

type Style = 'bold' | 'italic' | 'strike';

/** Something opened and not closed yet. Each marker is open at most once, which bounds the depth. */
interface Frame {
  /** '' for the bottom of the stack. */
  readonly marker: string;
  readonly children: Inline[];
}

const styles: Readonly<Record<string, Style>> = { '**': 'bold', __: 'bold', '*': 'italic', _: 'italic', '~~': 'strike' };

/** Everything but these is copied as it is. */
const special = /[\\`*_~[\]\n@#hHmM]/g;
const urlHead = /https?:\/\/[\w[]/iy;
const mailHead = /mailto:[\w.+-]+@[\w-]/iy;
/** What a URL consists of. Chinese letters and punctuation end it: people write on without a space. */
const urlBody = /(?:(?!\*\*|~~|\]\()[\w\-.~:/?#[\]@!$&'()*+,;=%]){1,2000}/y;
const urlTail = '.,;:!?\'"*_~';
/** The part of a link in round brackets; it stops at a [ so that hostile text is read once. */
const target = /\(\s*<?((?:[^\s()<>[\]]|\([^\s()<>[\]]*\))*)>?\s*\)/y;
const longestURL = 2_000;

const space = /\s/;
const latin = /[A-Za-z0-9]/;
const punctuation = /[!-/:-@[-`{-~]/;

/** Parses the inside of a block. Never throws; time is linear in the text's length. */
export function parseInline(text: string, names: Names): Inline[] {
  return new Parser(text, names).run();
}

/** The address if it is one a message may lead to, '' otherwise. */
export function safeURL(address: string): string {
  if (address.length > longestURL || !/^(https?:\/\/|mailto:)/i.test(address)) return '';
  try {
    return new URL(address).href;
  } catch {
    return '';
  }
}

class Parser {
  readonly #text: string;
  readonly #names: Names;
  #stack: Frame[] = [{ marker: '', children: [] }];
  #plain = '';
  #at = 0;
  /** Where runs of n backticks begin, so that looking for the end of code never goes twice over the text. */
  #ticks: Map<number, number[]> | undefined;

  constructor(text: string, names: Names) {
    this.#text = text;
    this.#names = names;
  }

  run(): Inline[] {
    const text = this.#text;
    while (this.#at < text.length) {
      special.lastIndex = this.#at;
      const next = special.exec(text)?.index ?? text.length;
      this.#plain += text.slice(this.#at, next);
      this.#at = next;
      if (next < text.length) this.#special(text.charAt(next));
    }
    this.#collapse(1);
    this.#flush();
    return this.#top().children;
  }

  #special(char: string): void {
    switch (char) {
      case '\\':
        return this.#escape();
      case '`':
        return this.#code();
      case '\n':
        return this.#push({ kind: 'break' }, 1);
      case '[':
        return this.#open('[', 1);
      case ']':
        return this.#closeLink();
      case '@':
      case '#':
        return this.#name(char);
      case '*':
      case '_':
      case '~':
        return this.#delimiter(char);
      default:
        return this.#autolink();
    }
  }

  #escape(): void {
    const next = this.#text.charAt(this.#at + 1);
    if (!punctuation.test(next)) return this.#literal(1);
    this.#plain += next;
    this.#at += 2;
  }

  #code(): void {
    const start = this.#at;
    let end = start;
    while (this.#text.charAt(end) === '`') end++;
    const close = this.#tickAfter(end - start, end);
    if (close < 0) return this.#literal(end - start);
    let inside = this.#text.slice(end, close).replaceAll('\n', ' ');
    if (/^ .*[^ ].* $/.test(inside)) inside = inside.slice(1, -1);
    this.#push({ kind: 'code', text: inside }, close + (end - start) - start);
  }

  /** Where the next run of exactly n backticks begins, -1 if nowhere. */
  #tickAfter(n: number, from: number): number {
    if (this.#ticks === undefined) {
      this.#ticks = new Map();
      for (const { 0: run, index } of this.#text.matchAll(/`+/g)) {
        const list = this.#ticks.get(run.length);
        if (list === undefined) this.#ticks.set(run.length, [index]);
        else list.push(index);
      }
      for (const list of this.#ticks.values()) list.reverse();
    }
    const list = this.#ticks.get(n) ?? [];
    while (list.length > 0 && (list.at(-1) ?? 0) < from) list.pop(); // we only ever go forward
    return list.at(-1) ?? -1;
  }

  #delimiter(char: string): void {
    const text = this.#text;
    const isDouble = text.charAt(this.#at + 1) === char;
    let marker = isDouble ? char + char : char;
    // Of three, the one that closes what was opened last comes first: **bold *both***.
    const isTriple = isDouble && text.charAt(this.#at + 2) === char;
    if (isTriple && this.#top().marker === char) marker = char;
    if (styles[marker] === undefined) return this.#literal(marker.length);
    const { opens, closes } = this.#fits(marker);
    if (closes && this.#isOpen(marker)) this.#close(marker);
    else if (opens) this.#open(marker, marker.length);
    else this.#literal(marker.length);
  }

  /** May the marker here open or close? Not beside a space, and a single one not inside a word. */
  #fits(marker: string): { opens: boolean; closes: boolean } {
    const before = charBefore(this.#text, this.#at);
    const after = String.fromCodePoint(this.#text.codePointAt(this.#at + marker.length) ?? 32);
    const isOpening = !space.test(after);
    const isClosing = before !== '' && !space.test(before);
    const isInside = marker.length === 1 && isSpacedWord(before) && isSpacedWord(after);
    return { opens: isOpening && !isInside, closes: isClosing && !isInside };
  }

  #autolink(): void {
    const address = this.#address();
    if (address === '') return this.#literal(1);
    const href = safeURL(address);
    if (href === '') return this.#literal(address.length);
    this.#push({ kind: 'link', href, inlines: [{ kind: 'text', text: address }] }, address.length);
  }

  /** What looks like an address and begins here, without the punctuation that follows it. */
  #address(): string {
    if (latin.test(charBefore(this.#text, this.#at))) return '';
    urlHead.lastIndex = mailHead.lastIndex = urlBody.lastIndex = this.#at;
    if (!urlHead.test(this.#text) && !mailHead.test(this.#text)) return '';
    const address = urlBody.exec(this.#text)?.[0] ?? '';
    const open: Record<string, number> = {
      ')': address.split('(').length - address.split(')').length,
      ']': address.split('[').length - address.split(']').length,
    };
    let end = address.length;
    for (; end > 0; end--) {
      const last = address.charAt(end - 1);
      const balance = open[last];
      if (balance !== undefined && balance < 0) open[last] = balance + 1;
      else if (!urlTail.includes(last)) break;
    }
    return address.slice(0, end);
  }

  #name(sign: '@' | '#'): void {
    if (startsName(charBefore(this.#text, this.#at))) {
      for (const name of candidates(this.#text, this.#at + 1)) {
        const id = sign === '@' ? this.#names.user(name) : this.#names.room(name);
        if (id === undefined) continue;
        const text = sign + name;
        return this.#push(sign === '@' ? { kind: 'mention', user: id, text } : { kind: 'room', room: id, text }, text.length);
      }
    }
    this.#literal(1);
  }

  #closeLink(): void {
    const at = this.#stack.findLastIndex((frame) => frame.marker === '[');
    if (at < 0) return this.#literal(1);
    target.lastIndex = this.#at + 1;
    const match = target.exec(this.#text);
    const href = match === null ? '' : safeURL(match[1] ?? '');
    this.#collapse(at + 1);
    this.#flush();
    const children = this.#top().children;
    if (match === null || href === '' || children.length === 0) {
      this.#collapse(at);
      return this.#literal(1);
    }
    this.#stack.pop();
    this.#push({ kind: 'link', href, inlines: unlink(children) }, 1 + match[0].length);
  }

  #isOpen(marker: string): boolean {
    return this.#stack.some((frame) => frame.marker === marker);
  }

  #open(marker: string, length: number): void {
    const old = this.#stack.findIndex((frame) => frame.marker === marker);
    if (old > 0) this.#dissolve(old); // the nearest opener counts
    this.#flush();
    this.#stack.push({ marker, children: [] });
    this.#at += length;
  }

  #close(marker: string): void {
    const at = this.#stack.findLastIndex((frame) => frame.marker === marker);
    this.#collapse(at + 1);
    this.#flush();
    const frame = this.#top();
    const kind = styles[marker];
    if (frame.children.length === 0 || kind === undefined) {
      this.#collapse(at);
      return this.#literal(marker.length);
    }
    this.#stack.pop();
    this.#push({ kind, inlines: frame.children }, marker.length);
  }

  /** What was opened from this height of the stack on was never closed: its markers are text. */
  #collapse(from: number): void {
    this.#flush();
    while (this.#stack.length > from) this.#dissolve(this.#stack.length - 1);
  }

  #dissolve(at: number): void {
    this.#flush();
    const [frame] = this.#stack.splice(at, 1);
    const below = this.#stack[at - 1];
    if (frame === undefined || below === undefined) return;
    addText(below.children, frame.marker);
    for (const child of frame.children) add(below.children, child);
  }

  #push(node: Inline, length: number): void {
    this.#flush();
    add(this.#top().children, node);
    this.#at += length;
  }

  #literal(length: number): void {
    this.#plain += this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
  }

  #flush(): void {
    if (this.#plain !== '') addText(this.#top().children, this.#plain);
    this.#plain = '';
  }

  #top(): Frame {
    const top = this.#stack.at(-1);
    if (top === undefined) throw new Error('the bottom of the stack is never taken away');
    return top;
  }
}

function add(children: Inline[], node: Inline): void {
  if (node.kind === 'text') addText(children, node.text);
  else children.push(node);
}

function addText(children: Inline[], text: string): void {
  const last = children.at(-1);
  if (last?.kind === 'text') children[children.length - 1] = { kind: 'text', text: last.text + text };
  else children.push({ kind: 'text', text });
}

/** Links do not stand in links: an address inside becomes its text. */
function unlink(children: readonly Inline[]): Inline[] {
  const flat: Inline[] = [];
  for (const child of children) {
    if (child.kind === 'link') for (const inside of child.inlines) add(flat, inside);
    else if ('inlines' in child) flat.push({ ...child, inlines: unlink(child.inlines) });
    else add(flat, child);
  }
  return flat;
}
