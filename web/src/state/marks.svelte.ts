/**
 * Marks move the read marks. A component says what is on the screen, and a message counts as read when
 * it was there for half a second in a focused, visible tab.
 */
export class Marks {
  /** The newest message of a room that is on the screen; 0 when none is or the room is left. Call it on every change. */
  view(_room: string, _seq: number): void {}
  /** Marks everything up to and with seq as read now. */
  read(_room: string, _seq: number): void {}
  /** Marks a room as read (Esc); gives an undo. */
  readRoom(_room: string): () => void {
    return () => {};
  }
  /** Marks all rooms as read (Shift+Esc); gives an undo. */
  readAll(): () => void {
    return () => {};
  }
  /** The message and all after it become unread; the mark then rests until the room is opened again. */
  unread(_room: string, _seq: number): void {}
}
