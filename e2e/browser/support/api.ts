import { randomBytes } from 'node:crypto';
import type { Person } from './person.ts';

/** Asks the REST API with the browser's own session. */
export async function api<T>(person: Person, method: string, path: string, data?: object): Promise<T> {
  const answer = await person.context.request.fetch(`${person.server.url}/api/v1/${path}`, {
    method,
    headers: { Origin: new URL(person.server.url).origin },
    ...(data === undefined ? {} : { data }),
  });
  if (!answer.ok()) throw new Error(`${method} ${path} answered ${answer.status()}: ${await answer.text()}`);
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A random ULID. */
export function nonce(): string {
  const letters = [...randomBytes(26)].map((byte) => crockford[byte & 31]);
  return `0${letters.slice(1).join('')}`;
}

interface Followed {
  readonly room: { readonly id: string; readonly name: string };
}

/** The id of a channel the person is in. */
export async function roomId(person: Person, name: string): Promise<string> {
  const { rooms } = await api<{ rooms: Followed[] }>(person, 'GET', 'sync');
  const found = rooms.find((followed) => followed.room.name === name);
  if (found === undefined) throw new Error(`${person.name} is not in ${name}`);
  return found.room.id;
}

/** Makes a channel without going through the screens. */
export async function channel(person: Person, name: string, kind: 'open' | 'closed' = 'open'): Promise<string> {
  const made = await api<Followed>(person, 'POST', 'rooms', { nonce: nonce(), kind, name });
  return made.room.id;
}

/** Says something without going through the screens. */
export async function post(person: Person, room: string, text: string): Promise<number> {
  const { seq } = await api<{ seq: number }>(person, 'POST', `rooms/${room}/messages`, { nonce: nonce(), text });
  return seq;
}
