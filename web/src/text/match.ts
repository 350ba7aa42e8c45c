/** Something the switcher or a completion can find. */
export interface Candidate {
  readonly id: string;
  /** What is shown, and other spellings that find it too (username, topic). */
  readonly text: string;
  readonly aliases?: readonly string[];
}

/** A find, best first. */
export interface Match<T extends Candidate> {
  readonly candidate: T;
  readonly score: number;
  /** Indices of UTF-16 units of candidate.text that matched, for highlighting; [] for an alias or initials. */
  readonly hits: readonly number[];
}

/**
 * The candidates that fit a query, best first: prefix, then word starts, then scattered letters; pinyin
 * initials too (hdkf finds 后端开发) once `loadPinyin()` is through. An empty query keeps the given order.
 */
export function rank<T extends Candidate>(_query: string, _candidates: readonly T[], _limit = 20): Match<T>[] {
  return [];
}

/** Loads the pinyin part; call it when a switcher or completion opens. */
export async function loadPinyin(): Promise<void> {}
