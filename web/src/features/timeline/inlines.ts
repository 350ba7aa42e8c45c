import type { Attachment } from 'svelte/attachments';
import type { Router } from '../../state/route.svelte.ts';
import type { Inline } from '../../text/markdown.ts';

/** What pieces of a line are tied to. */
interface Ties {
  readonly router: Router;
  /** The own user id. */
  readonly me: string;
}

const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code' } as const;

/**
 * Writes a line into its element: as nodes, never as HTML. Nothing in a line changes without all of it
 * being written anew, so it needs none of what components cost, which in a busy room is most of the work.
 */
export function line(inlines: readonly Inline[], router: Router, me: string): Attachment {
  return (element) => {
    element.replaceChildren();
    write(element, inlines, { router, me });
  };
}

function write(into: Element, inlines: readonly Inline[], ties: Ties): void {
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
      return mentionOf(ties.router.href({ name: 'direct', user: piece.user }), piece.text, piece.user === ties.me);
    case 'room':
      return mentionOf(ties.router.href({ name: 'room', room: piece.room, seq: 0 }), piece.text, false);
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
  if (!href.startsWith(ties.router.link({ name: 'home' }))) {
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
