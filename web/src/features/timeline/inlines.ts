import type { Inline } from '../../text/markdown.ts';

/** What pieces of a line are tied to. */
export interface Ties {
  /** The own user id. */
  readonly me: string;
  /** The full address of our start: links below it open here. */
  readonly home: string;
  person(user: string): string;
  room(room: string): string;
}

const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code' } as const;

/**
 * Writes the pieces of a line into an element: as nodes, never as HTML. Nothing in them changes without
 * the whole line being written anew, so they need none of what components cost, which in a busy room is
 * most of the work.
 */
export function write(into: Element, inlines: readonly Inline[], ties: Ties): void {
  for (const piece of inlines) into.append(nodeOf(piece, ties));
}

function nodeOf(piece: Inline, ties: Ties): Node | string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'break':
      return document.createElement('br');
    case 'code': {
      const code = document.createElement(tags.code);
      code.textContent = piece.text;
      return code;
    }
    case 'link':
      return linkOf(piece.href, piece.inlines, ties);
    case 'mention':
      return mentionOf(ties.person(piece.user), piece.text, piece.user === ties.me);
    case 'room':
      return mentionOf(ties.room(piece.room), piece.text, false);
    default: {
      const styled = document.createElement(tags[piece.kind]);
      write(styled, piece.inlines, ties);
      return styled;
    }
  }
}

/** Links of our own open here, all others in a tab of their own that learns nothing of this one. */
function linkOf(href: string, inlines: readonly Inline[], ties: Ties): Node {
  const link = document.createElement('a');
  link.href = href;
  if (!href.startsWith(ties.home)) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  write(link, inlines, ties);
  return link;
}

function mentionOf(href: string, text: string, mine: boolean): Node {
  const link = document.createElement('a');
  link.className = mine ? 'mention me' : 'mention';
  link.href = href;
  link.textContent = text;
  return link;
}
