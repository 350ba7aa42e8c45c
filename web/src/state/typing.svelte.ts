/** Typing is who writes in the room on the screen, and saying that we do. */
export class Typing {
  /** Ids of the people writing in a room now, in order of starting; without the person. Reactive. */
  in(_room: string): readonly string[] {
    return [];
  }
  /** Call on every input; sends at most every three seconds. */
  mine(_room: string): void {}
}
