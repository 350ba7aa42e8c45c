// Which part of a room's messages stands in the page: a bounded stretch of real DOM. Everything here
// is arithmetic on seqs, which are dense in a loaded stretch; only what is pending has none.

/** Rows while following the newest, and how many are left when it is trimmed. */
export const followMost = 70;
export const followKept = 50;
/** Rows at most while reading. */
export const readMost = 150;
/** How many rows come in at once. */
export const page = 50;

/** A stretch by the seqs of its ends; `to` null follows the newest, with what is pending. */
export interface Stretch {
  readonly from: number;
  readonly to: number | null;
}

/** The seqs that are loaded, and how many items there are with the pending ones. */
export interface Loaded {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export function loadedOf(items: readonly { readonly seq: number }[]): Loaded {
  const first = items.find((item) => item.seq > 0)?.seq ?? 0;
  let last = 0;
  for (let i = items.length - 1; i >= 0 && last === 0; i--) last = items[i]?.seq ?? 0;
  return { first, last, count: items.length };
}

/** Start and end indices of a stretch. */
export function indices(stretch: Stretch, loaded: Loaded): [number, number] {
  const start = clamp(stretch.from - loaded.first, 0, loaded.count);
  if (stretch.to === null) return [start, loaded.count];
  return [start, clamp(stretch.to - loaded.first + 1, start, loaded.count)];
}

/** The stretch that follows the newest. */
export function following(loaded: Loaded): Stretch {
  return { from: Math.max(loaded.first, loaded.last - followKept + 1), to: null };
}

/**
 * Keeps a following stretch short as messages come, and finds a lost one again after a reload. A tall
 * screen needs more rows than `followKept`; how many is for the caller to say.
 */
export function trimmed(stretch: Stretch, loaded: Loaded, kept = followKept): Stretch {
  const lost = stretch.from > loaded.last || (stretch.to !== null && stretch.to < loaded.first);
  if (lost && loaded.count > 0) return following(loaded);
  if (stretch.to !== null) return stretch;
  const rows = loaded.last - Math.max(stretch.from, loaded.first) + 1;
  if (rows <= kept + followMost - followKept) return stretch;
  return { from: Math.max(loaded.first, loaded.last - kept + 1), to: null };
}

/** A stretch round a message. */
export function around(seq: number, loaded: Loaded): Stretch {
  const from = Math.max(loaded.first, seq - page);
  return { from, to: Math.min(loaded.last, seq + page) };
}

/** Freezes the end: what comes now is counted, not shown. */
export function frozen(stretch: Stretch, loaded: Loaded): Stretch {
  return stretch.to === null ? { from: stretch.from, to: loaded.last } : stretch;
}

/** One page further up; the bottom gives way when it grows too long, but following goes on. */
export function up(stretch: Stretch, loaded: Loaded): Stretch {
  if (stretch.to === null) {
    return { from: Math.max(loaded.first, loaded.last - readMost + 1, stretch.from - page), to: null };
  }
  const from = Math.max(loaded.first, stretch.from - page);
  return { from, to: Math.min(stretch.to, from + readMost - 1) };
}

/** One page further down; the top gives way. */
export function down(stretch: Stretch, loaded: Loaded): Stretch {
  if (stretch.to === null) return stretch;
  const to = Math.min(loaded.last, stretch.to + page);
  return { from: Math.max(stretch.from, to - readMost + 1), to };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
