/** A change of a text: what stands from `from` to `to` becomes `insert`, and then this is selected. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
  readonly select: readonly [number, number];
}

export type Format = 'bold' | 'italic' | 'strike' | 'code' | 'block' | 'quote' | 'list';

const markers: Partial<Record<Format, string>> = { bold: '**', italic: '*', strike: '~~', code: '`' };
const prefixes: Partial<Record<Format, string>> = { quote: '> ', list: '- ' };

/** What a format does to the selection; the same again takes it back. */
export function format(kind: Format, text: string, start: number, end: number): Edit {
  const marker = markers[kind];
  if (marker) return wrapped(text, start, end, marker);
  const prefix = prefixes[kind];
  return prefix ? prefixed(text, start, end, prefix) : fenced(text, start, end);
}

function wrapped(text: string, start: number, end: number, marker: string): Edit {
  const size = marker.length;
  const inner = text.slice(start, end);
  const outside = text.slice(start - size, start) === marker && text.slice(end, end + size) === marker;
  // "**" around is not "*" around
  const longer = marker === '*' && text.slice(start - 2, start) === '**' && text.slice(start - 3, start) !== '***';
  if (outside && !longer) {
    return { from: start - size, to: end + size, insert: inner, select: [start - size, end - size] };
  }
  return { from: start, to: end, insert: marker + inner + marker, select: [start + size, end + size] };
}

function prefixed(text: string, start: number, end: number, prefix: string): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  const to = next === -1 ? text.length : next;
  const lines = text.slice(from, to).split('\n');
  const all = lines.every((line) => line.startsWith(prefix));
  const insert = lines.map((line) => (all ? line.slice(prefix.length) : prefix + line)).join('\n');
  const caret = from + insert.length;
  return { from, to, insert, select: start === end ? [caret, caret] : [from, caret] };
}

function fenced(text: string, start: number, end: number): Edit {
  const before = start > 0 && text[start - 1] !== '\n' ? '\n' : '';
  const after = end < text.length && text[end] !== '\n' ? '\n' : '';
  const open = `${before}\`\`\`\n`;
  const inner = text.slice(start, end);
  const from = start + open.length;
  return { from: start, to: end, insert: `${open}${inner}\n\`\`\`${after}`, select: [from, from + inner.length] };
}

/** A pasted address over selected words becomes a link of them; undefined when it is no such case. */
export function pastedLink(pasted: string, text: string, start: number, end: number): Edit | undefined {
  const address = pasted.trim();
  const words = text.slice(start, end);
  if (!/^https?:\/\/\S+$/u.test(address) || words.trim() === '' || words.includes('\n')) return undefined;
  if (/^https?:\/\//u.test(words)) return undefined;
  const insert = `[${words}](${address.replaceAll(')', '%29')})`;
  return { from: start, to: end, insert, select: [start + insert.length, start + insert.length] };
}

/** Carries an edit out so that Ctrl+Z takes it back. */
export function carryOut(box: HTMLTextAreaElement, edit: Edit): void {
  box.focus();
  box.setSelectionRange(edit.from, edit.to);
  // The only way to write into a text box that its undo knows of.
  const known = edit.insert === '' ? document.execCommand('delete') : document.execCommand('insertText', false, edit.insert);
  if (!known) {
    box.setRangeText(edit.insert, edit.from, edit.to, 'end');
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  box.setSelectionRange(...edit.select);
}
