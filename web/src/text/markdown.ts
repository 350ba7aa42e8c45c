import { parseInline, type Inline, type Names } from './inline.ts';

export type { Inline, Names } from './inline.ts';

/** A block of a message. */
export type Block =
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] };

/** Quotes and lists inside each other beyond this are shown as they were written. */
const deepest = 16;

const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const languageName = /^[\w+#.-]{0,40}$/;
const quote = /^ {0,3}> ?/;
const bullet = /^( {0,12})([-*+]|\d{1,9}[.)])( {1,4})(?=\S)/;
/** Only these interrupt a paragraph: a line that begins with "1986. " is most likely prose. */
const interrupting = /^ {0,12}([-*+]|1[.)]) {1,4}\S/;
const blank = /^[ \t]*$/;

/** Parses a message. Never throws; time is linear in the text's length. */
export function parseMarkdown(text: string, names: Names): readonly Block[] {
  return new Blocks(names).parse(text.replaceAll('\r\n', '\n').split('\n'), 0);
}

class Blocks {
  readonly #names: Names;
  #lines: readonly string[] = [];
  #at = 0;

  constructor(names: Names) {
    this.#names = names;
  }

  parse(lines: readonly string[], depth: number): Block[] {
    const outer = { lines: this.#lines, at: this.#at };
    this.#lines = lines;
    this.#at = 0;
    const blocks: Block[] = [];
    while (this.#at < lines.length) {
      if (blank.test(this.#line(this.#at))) this.#at++;
      else blocks.push(this.#block(depth));
    }
    this.#lines = outer.lines;
    this.#at = outer.at;
    return blocks;
  }

  #block(depth: number): Block {
    const line = this.#line(this.#at);
    const opening = fenceOf(line);
    if (opening !== undefined) return this.#code(opening.marker, opening.language);
    if (depth < deepest && quote.test(line)) return this.#quote(depth);
    if (depth < deepest && bullet.test(line)) return this.#list(depth);
    return this.#paragraph(depth);
  }

  /** A fence that is never closed runs to the end. */
  #code(marker: string, language: string): Block {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#lines.length && !isClosing(this.#line(end), marker)) end++;
    this.#at = end + 1;
    return { kind: 'code', language: language.toLowerCase(), text: this.#lines.slice(start, end).join('\n') };
  }

  #quote(depth: number): Block {
    const inner: string[] = [];
    while (this.#at < this.#lines.length && quote.test(this.#line(this.#at))) {
      inner.push(this.#line(this.#at).replace(quote, ''));
      this.#at++;
    }
    return { kind: 'quote', blocks: this.parse(inner, depth + 1) };
  }

  #list(depth: number): Block {
    const first = bullet.exec(this.#line(this.#at));
    const marker = first?.[2] ?? '-';
    const isOrdered = /\d/.test(marker);
    const items: Block[][] = [];
    while (this.#at < this.#lines.length) {
      const match = bullet.exec(this.#line(this.#at));
      if (match === null || family(match[2] ?? '') !== family(marker)) break;
      items.push(this.parse(this.#item(match), depth + 1));
    }
    return { kind: 'list', ordered: isOrdered, start: isOrdered ? Number.parseInt(marker, 10) : 1, items };
  }

  /** The lines of one item: the rest of its first, and what is indented below it. */
  #item(match: RegExpExecArray): string[] {
    const indent = (match[1] ?? '').length;
    const inner = [this.#line(this.#at).slice(match[0].length)];
    this.#at++;
    while (this.#at < this.#lines.length) {
      const line = this.#line(this.#at);
      const next = this.#line(this.#at + 1);
      if (blank.test(line) ? indentOf(next) <= indent || blank.test(next) : indentOf(line) <= indent) break;
      inner.push(line.slice(Math.min(indentOf(line), match[0].length)));
      this.#at++;
    }
    return inner;
  }

  #paragraph(depth: number): Block {
    const start = this.#at;
    do this.#at++;
    while (this.#at < this.#lines.length && !this.#breaks(this.#line(this.#at), depth));
    const text = this.#lines.slice(start, this.#at).map((line) => line.trimEnd()).join('\n');
    return { kind: 'paragraph', inlines: parseInline(text.trimStart(), this.#names) };
  }

  /** Does this line end a paragraph? */
  #breaks(line: string, depth: number): boolean {
    if (blank.test(line) || fenceOf(line) !== undefined) return true;
    return depth < deepest && (quote.test(line) || interrupting.test(line));
  }

  #line(at: number): string {
    return this.#lines[at] ?? '';
  }
}

function fenceOf(line: string): { marker: string; language: string } | undefined {
  const match = fence.exec(line);
  const language = match?.[2]?.trim() ?? '';
  return match === null || !languageName.test(language) ? undefined : { marker: match[1] ?? '', language };
}

function isClosing(line: string, marker: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= marker.length && trimmed === marker.charAt(0).repeat(trimmed.length);
}

/** Items of one list have one kind of marker. */
function family(marker: string): string {
  return /\d/.test(marker) ? (marker.at(-1) ?? '.') : marker;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
