import { limits, type Message, type Page } from '../wire.ts';

/** Anything that carries the rev of its last change. */
interface Row {
  readonly rev: number;
}

/** The newer of what we have and what came: applying twice, or late, is harmless. */
export function newer<R extends Row>(have: R | undefined, came: R): R {
  return have !== undefined && have.rev > came.rev ? have : came;
}

/**
 * A gapless stretch of a room's messages in seq order: message i has the seq of message 0 plus i.
 * `newer` false means that it ends at the live edge.
 */
export interface Log {
  readonly messages: readonly Message[];
  readonly older: boolean;
  readonly newer: boolean;
}

export function firstSeq(log: Log): number {
  return log.messages[0]?.seq ?? 0;
}

export function endSeq(log: Log): number {
  return log.messages.at(-1)?.seq ?? 0;
}

/** The message of a seq, if the stretch holds it. */
export function messageAt(log: Log, seq: number): Message | undefined {
  const first = log.messages[0];
  return first === undefined ? undefined : log.messages[seq - first.seq];
}

/** A page from the server as a stretch. */
export function logOf(page: Page): Log {
  return { messages: page.messages, older: page.older, newer: page.newer };
}

/**
 * Applies rows of the room's scope. Rows inside the stretch replace what is there if they are newer,
 * rows right after its end make it longer, and all others are left out. lastSeq is the newest message
 * known to exist; a stretch that cannot reach it says so with `newer`.
 */
export function applyRows(log: Log, rows: readonly Message[], lastSeq: number): Log {
  const first = firstSeq(log);
  let messages: Message[] | null = null;
  const after: Message[] = [];
  let end = endSeq(log);
  for (const row of rows) {
    if (row.seq > end) after.push(row);
    const have = messageAt(log, row.seq);
    if (have === undefined || have.rev >= row.rev) continue;
    messages ??= [...log.messages];
    const present = messages[row.seq - first];
    if (present !== undefined && present.rev < row.rev) messages[row.seq - first] = row;
  }
  if (after.length > 0) {
    messages ??= [...log.messages];
    end = append(messages, after, end, log);
  }
  const isNewer = end < lastSeq;
  if (messages === null && isNewer === log.newer) return log;
  return { messages: messages ?? log.messages, older: log.older, newer: isNewer };
}

/** Adds what follows gaplessly and gives the new end. An empty stretch may begin only at 1. */
function append(messages: Message[], after: Message[], end: number, log: Log): number {
  if (messages.length === 0 && log.older) return end;
  after.sort((a, b) => a.seq - b.seq || b.rev - a.rev); // of two states of one message the newer first
  for (const row of after) {
    if (row.seq !== end + 1) continue;
    messages.push(row);
    end++;
  }
  return end;
}

/** Puts a page before or after a stretch it touches or overlaps; where both have a message the newer stays. */
export function join(log: Log, page: Page): Log {
  if (page.messages.length === 0) return extend(log, page);
  if (log.messages.length === 0) return logOf(page);
  const low = Math.min(firstSeq(log), page.messages[0]?.seq ?? 0);
  const high = Math.max(endSeq(log), page.messages.at(-1)?.seq ?? 0);
  const there = logOf(page);
  const messages: Message[] = [];
  for (let seq = low; seq <= high; seq++) {
    const have = messageAt(log, seq);
    const came = messageAt(there, seq);
    const row = came === undefined ? have : newer(have, came);
    if (row === undefined) return logOf(page); // they do not touch: the page alone is gapless
    messages.push(row);
  }
  return {
    messages,
    older: low < firstSeq(log) ? page.older : log.older,
    newer: high > endSeq(log) ? page.newer : log.newer && high < page.last_seq,
  };
}

/** An empty page says that there is nothing on the side it was asked for. */
function extend(log: Log, page: Page): Log {
  return log.messages.length === 0 ? logOf(page) : { ...log, older: log.older && page.older, newer: log.newer && page.newer };
}

/** The newest n messages of a stretch. */
export function tailOf(log: Log, n: number): Log {
  if (log.messages.length <= n) return log;
  return { messages: log.messages.slice(-n), older: true, newer: log.newer };
}

/** What a line of the room list counts. */
export interface Counted {
  readonly lastSeq: number;
  /** When the newest message came, ms; 0 if none. */
  readonly lastAt: number;
  readonly unread: number;
  readonly mentions: number;
}

/** For whom is counted, and from where. */
export interface Reader {
  readonly me: string;
  readonly readSeq: number;
  /** In conversations every message is as good as a mention. */
  readonly direct: boolean;
}

/** Counts messages that are new to us. Only seqs beyond lastSeq are: all others were counted before. */
export function count(have: Counted, rows: readonly Message[], reader: Reader): Counted {
  let { lastSeq, lastAt, unread, mentions } = have;
  for (const row of [...rows].sort((a, b) => a.seq - b.seq)) {
    if (row.seq <= lastSeq) continue;
    lastSeq = row.seq;
    lastAt = Date.parse(row.created_at);
    const worth = weigh(row, reader);
    unread = Math.min(limits.unread_bound, unread + worth.unread);
    mentions = Math.min(limits.unread_bound, mentions + worth.mentions);
  }
  return { lastSeq, lastAt, unread, mentions };
}

/** Counts anew from the messages we hold; undefined when they do not reach from the mark to the newest. */
export function recount(log: Log, lastSeq: number, reader: Reader): { unread: number; mentions: number } | undefined {
  const behind = reader.readSeq < lastSeq;
  if (behind && (log.newer || endSeq(log) < lastSeq || firstSeq(log) > reader.readSeq + 1)) return undefined;
  let unread = 0;
  let mentions = 0;
  if (behind) {
    for (const row of log.messages) {
      if (row.seq > lastSeq) break; // a page may be ahead of the changes; these are counted when they come
      const worth = weigh(row, reader);
      unread += worth.unread;
      mentions += worth.mentions;
    }
  }
  return { unread: Math.min(limits.unread_bound, unread), mentions: Math.min(limits.unread_bound, mentions) };
}

function weigh(row: Message, reader: Reader): { unread: number; mentions: number } {
  if (row.seq <= reader.readSeq || row.author === reader.me || row.deleted_at !== undefined) return { unread: 0, mentions: 0 };
  const named = reader.direct || (row.mentions?.includes(reader.me) ?? false);
  return { unread: 1, mentions: named ? 1 : 0 };
}
