import { limits } from '../../wire.ts';

const encoder = new TextEncoder();
const warned = 1_000; // bytes before the end from which the rest is shown

/** How a text stands to the limit of a message. */
export interface Room {
  readonly bytes: number;
  readonly left: number;
  readonly near: boolean;
  readonly over: boolean;
}

export function roomLeft(text: string): Room {
  // A character is at most three bytes a UTF-16 unit, so short texts need no counting.
  const bytes = text.length * 3 < limits.message_bytes - warned ? text.length : encoder.encode(text).length;
  const left = limits.message_bytes - bytes;
  return { bytes, left, near: left < warned, over: left < 0 };
}
