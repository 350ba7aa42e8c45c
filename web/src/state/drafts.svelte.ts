/** Drafts are texts not sent yet, one a room, on all devices. */
export class Drafts {
  /** Reactive; '' if there is none. */
  text(_room: string): string {
    return '';
  }
  /** Counts up when another device changed the room's draft: take text() over then. Reactive. */
  remote(_room: string): number {
    return 0;
  }
  /** Keeps the text here at once and on the server a moment later. */
  set(_room: string, _text: string): void {}
  /** After sending. */
  clear(_room: string): void {}
}
