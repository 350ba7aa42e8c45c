/** One emoji of the picker and of `:` completion. */
export interface Emoji {
  readonly char: string;
  /** Shortcodes without colons, best known first. */
  readonly codes: readonly string[];
  readonly group: number;
}

/** Loads the emoji data (a chunk of its own). */
export async function loadEmoji(): Promise<readonly Emoji[]> {
  return [];
}
