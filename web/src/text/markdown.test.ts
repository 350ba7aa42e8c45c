import { describe, expect, it } from 'vitest';
import { parseMarkdown, type Block, type Inline, type Names } from './markdown.ts';

const people: Record<string, string> = { ann: 'u_ann', bob: 'u_bob', 'bob.smith': 'u_smith', 王小明: 'u_wang', 李雷: 'u_li' };
const rooms: Record<string, string> = { general: 'r_general', 后端开发: 'r_backend' };
const names: Names = { user: (name) => people[name.toLowerCase()], room: (name) => rooms[name.toLowerCase()] };

/** A short way to write a tree down. */
function show(blocks: readonly Block[]): string {
  return blocks.map(showBlock).join(' | ');
}

function showBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return showInlines(block.inlines);
    case 'code':
      return `code<${block.language}>(${block.text})`;
    case 'quote':
      return `quote(${show(block.blocks)})`;
    case 'list':
      return `${block.ordered ? `ol${block.start}` : 'ul'}(${block.items.map(show).join('; ')})`;
  }
}

function showInlines(inlines: readonly Inline[]): string {
  return inlines.map(showInline).join('');
}

function showInline(inline: Inline): string {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'break':
      return '⏎';
    case 'code':
      return `code(${inline.text})`;
    case 'link':
      return `a<${inline.href}>(${showInlines(inline.inlines)})`;
    case 'mention':
      return `at<${inline.user}>(${inline.text})`;
    case 'room':
      return `room<${inline.room}>(${inline.text})`;
    default:
      return `${inline.kind[0] ?? ''}(${showInlines(inline.inlines)})`;
  }
}

const cases: [name: string, text: string, tree: string][] = [
  ['plain', 'hello', 'hello'],
  ['lines and paragraphs', 'a\nb\n\nc', 'a⏎b | c'],
  ['bold, italic, strike', '**b** *i* _i_ ~~s~~ __b__', 'b(b) i(i) i(i) s(s) b(b)'],
  ['nested', '**bold *both* bold**', 'b(bold i(both) bold)'],
  ['three stars', '***both***', 'b(i(both))'],
  ['bold in Chinese', '这是**重点**，请看', '这是b(重点)，请看'],
  ['italic in Chinese', '中文_斜体_中文', '中文i(斜体)中文'],
  ['arithmetic', '2 * 3 * 4 and 2*3*4', '2 * 3 * 4 and 2*3*4'],
  ['snake case', 'a snake_case_name', 'a snake_case_name'],
  ['unclosed', '**a *b _c ~~d', '**a *b _c ~~d'],
  ['the nearest opener counts', '*a **b *c* d**', '*a b(b i(c) d)'],
  ['overlapping', '**a *b** c*', 'b(a *b) c*'],
  ['empty markers', '**** ____ ~~~~x', '**** ____ ~~~~x'],
  ['escapes', '\\*a\\* \\@ann C:\\dir', '*a* @ann C:\\dir'],
  ['code', 'run `a *b* @ann` now', 'run code(a *b* @ann) now'],
  ['code with backticks', '`` a`b ``', 'code(a`b)'],
  ['code not closed', 'a `b **c**', 'a `b b(c)'],
  ['code runs differ', '``a` b', '``a` b'],
  ['fence', '```go\nx := 1\n\n*y*\n```\nafter', 'code<go>(x := 1\n\n*y*) | after'],
  ['fence not closed', '```\na\nb', 'code<>(a\nb)'],
  ['fence after text', 'see:\n```\na\n```', 'see: | code<>(a)'],
  ['longer fence', '````\n```\n````', 'code<>(```)'],
  ['tilde fence', '~~~ts\na\n~~~', 'code<ts>(a)'],
  ['inline triple', '```a b``` c', 'code(a b) c'],
  ['quote', '> a\n> b\nc', 'quote(a⏎b) | c'],
  ['quote in quote', '> > a\n> b', 'quote(quote(a) | b)'],
  ['list', '- a\n- b', 'ul(a; b)'],
  ['numbers', '3. a\n4. b', 'ol3(a; b)'],
  ['nested list', '- a\n  - b\n  - c\n- d', 'ul(a | ul(b; c); d)'],
  ['mixed nested list', '1. a\n   - b\n2. c', 'ol1(a | ul(b); c)'],
  ['list after text', 'todo:\n- a', 'todo: | ul(a)'],
  ['list with code', '- a\n  ```\n  x\n  ```', 'ul(a | code<>(x))'],
  ['a year is no list', 'born in\n1986. Yes', 'born in⏎1986. Yes'],
  ['a lone dash', '-', '-'],
  ['a negative number', '-5 degrees', '-5 degrees'],
  ['link', '[docs](https://a.org/x)', 'a<https://a.org/x>(docs)'],
  ['link with style', '[**b**](https://a.org)', 'a<https://a.org/>(b(b))'],
  ['mail link', '[me](mailto:a@b.org)', 'a<mailto:a@b.org>(me)'],
  ['link with brackets', '[w](https://a.org/x_(y))', 'a<https://a.org/x_(y)>(w)'],
  ['script link', '[x](javascript:alert(1))', '[x](javascript:alert(1))'],
  ['data link', '[x](data:text/html,hi)', '[x](data:text/html,hi)'],
  ['relative link', '[x](/etc)', '[x](/etc)'],
  ['link without target', '[x] (y)', '[x] (y)'],
  ['address in a link text', '[https://a.org](https://b.org)', 'a<https://b.org/>(https://a.org)'],
  ['address in brackets', '[see https://a.org]', '[see a<https://a.org/>(https://a.org)]'],
  ['autolink', 'see https://a.org/x?y=1#z, ok', 'see a<https://a.org/x?y=1#z>(https://a.org/x?y=1#z), ok'],
  ['autolink after Chinese', '请看https://a.org/x，谢谢', '请看a<https://a.org/x>(https://a.org/x)，谢谢'],
  ['autolink before Chinese', 'https://a.org谢谢', 'a<https://a.org/>(https://a.org)谢谢'],
  ['autolink in brackets', '(https://a.org/x_(y))', '(a<https://a.org/x_(y)>(https://a.org/x_(y)))'],
  ['autolink in Chinese brackets', '（https://a.org）', '（a<https://a.org/>(https://a.org)）'],
  ['autolink in bold', '**https://a.org**', 'b(a<https://a.org/>(https://a.org))'],
  ['autolink with underscores', 'https://a.org/a_b_c', 'a<https://a.org/a_b_c>(https://a.org/a_b_c)'],
  ['mail autolink', 'mailto:a@b.org', 'a<mailto:a@b.org>(mailto:a@b.org)'],
  ['no autolink in a word', 'xhttps://a.org', 'xhttps://a.org'],
  ['not an address', 'http:// nothing', 'http:// nothing'],
  ['mention', 'hi @ann!', 'hi at<u_ann>(@ann)!'],
  ['mention in another case', '@Ann', 'at<u_ann>(@Ann)'],
  ['mention with a dot', '@bob.smith. @bob.', 'at<u_smith>(@bob.smith). at<u_bob>(@bob).'],
  ['mention after Chinese', '你好@ann', '你好at<u_ann>(@ann)'],
  ['Chinese mention in Chinese', '请@王小明看一下', '请at<u_wang>(@王小明)看一下'],
  ['Latin mention before Chinese', '@bob你好', 'at<u_bob>(@bob)你好'],
  ['Latin is not cut', '@bobby', '@bobby'],
  ['mail address', 'mail x@ann.org', 'mail x@ann.org'],
  ['unknown', '@nobody', '@nobody'],
  ['mention in bold', '**@ann**', 'b(at<u_ann>(@ann))'],
  ['room', 'in #general and #后端开发吧', 'in room<r_general>(#general) and room<r_backend>(#后端开发)吧'],
  ['number sign', 'issue #12', 'issue #12'],
  ['html is text', '<b onclick="x">hi</b>', '<b onclick="x">hi</b>'],
  ['windows line ends', 'a\r\nb', 'a⏎b'],
];

describe('parseMarkdown', () => {
  it.each(cases)('%s', (_name, text, tree) => {
    expect(show(parseMarkdown(text, names))).toBe(tree);
  });

  it('nests at most sixteen deep', () => {
    const depth = (blocks: readonly Block[]): number =>
      Math.max(0, ...blocks.map((block) => {
        if (block.kind === 'quote') return 1 + depth(block.blocks);
        return block.kind === 'list' ? 1 + Math.max(...block.items.map(depth)) : 0;
      }));
    expect(depth(parseMarkdown('> '.repeat(500) + 'a', names))).toBe(16);
    expect(depth(parseMarkdown('- '.repeat(500) + 'a', names))).toBe(16);
  });
});

/** All the text of a tree, with addresses, in order. */
function plain(blocks: readonly Block[]): string {
  const inline = (node: Inline): string => {
    if (node.kind === 'link') return node.inlines.map(inline).join('') + node.href;
    if ('inlines' in node) return node.inlines.map(inline).join('');
    return node.kind === 'break' ? '\n' : node.text;
  };
  return blocks
    .map((block) => {
      if (block.kind === 'paragraph') return block.inlines.map(inline).join('');
      if (block.kind === 'code') return block.language + block.text;
      if (block.kind === 'quote') return plain(block.blocks);
      return block.items.map((item, i) => `${block.start + i}${plain(item)}`).join('');
    })
    .join('\n');
}

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pieces = [
  '*', '**', '_', '__', '~~', '`', '``', '```', '[', ']', '](', '(', ')', '\\', '\n', '\n\n', '> ', '- ', '1. ', '  ', ' ',
  '@ann', '@王小明', '#general', 'https://a.org/x', 'mailto:a@b.org', 'word', '中文', '，', '😀', '\ud800', 'ﬁ', '\t', '~~~', '<', '>',
];

describe('whatever is written', () => {
  it('never throws and keeps every letter', () => {
    const next = random(20260101);
    for (let round = 0; round < 3_000; round++) {
      let text = '';
      for (let n = Math.floor(next() * 30); n >= 0; n--) text += pieces[Math.floor(next() * pieces.length)] ?? '';
      const letters = (from: string): string => from.replace(/[^\p{L}😀]/gu, '');
      const tree = letters(plain(parseMarkdown(text, names)));
      let at = 0;
      for (const letter of letters(text)) {
        at = tree.indexOf(letter, at) + 1;
        if (at === 0) expect.fail(`${JSON.stringify(text)} lost ${letter}`);
      }
    }
  });

  const size = 128 * 1024;
  it.each([
    '*', '**', '*a', '**a ', '*a **b _c ~~d __e ', '_a*', '`', '`a', '[', '[a', '[a](', '[a](b', '[](', '](', '[[[]]](', '\\', '@', '@a', '#', '@ann',
    'https://', 'https://[', 'https://a.', 'https://a.org.', 'mailto:', 'h', '> ', '>', '- ', '-\n', '- a\n', ' - a\n', '```', '```\n', '~', '\n', ' ', '(', ')', '[a](https://x ',
    '1. ', '中', '@中', '`'.repeat(7) + 'a', '*_~~**__[', '"', '***', '\t',
  ])('is through with 128 KiB of %j', (piece) => {
    // Anything quadratic would not be before the test is given up; the longest message is an eighth of it.
    const whole = piece.repeat(Math.ceil(size / piece.length));
    expect(parseMarkdown(whole, names).length).toBeGreaterThanOrEqual(0);
    parseMarkdown(`\`\`\`${' '.repeat(size)}x y${whole}`, names);
  });
});
