import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type { FollowedRoom, Message, Preferences, Settings, User } from '../wire.ts';
import type { Entry, Shelf } from './outbox.ts';

/** A room as it was when it was last stored; head is the cursor its row and counts belong to. */
export type CachedRoom = FollowedRoom;

/** The newest messages of a room. They are complete up to the cursor. */
export interface CachedLog {
  readonly room: string;
  readonly cursor: number;
  readonly messages: readonly Message[];
  readonly older: boolean;
  /** When the room was last looked at, ms. */
  readonly seenAt: number;
}

export interface CachedDraft {
  readonly room: string;
  readonly text: string;
  readonly rev: number;
  /** The server does not have it yet. */
  readonly dirty: boolean;
}

/** What stands once in a database. */
export interface Base {
  readonly me: User;
  readonly settings: Settings;
  readonly preferences: Preferences;
  /** Cursors. */
  readonly user: number;
  readonly directory: number;
}

/** Everything a cold start draws from. */
export interface Cached {
  readonly base: Base;
  readonly rooms: readonly CachedRoom[];
  readonly logs: readonly CachedLog[];
  readonly people: readonly User[];
  readonly drafts: readonly CachedDraft[];
}

interface Schema extends DBSchema {
  base: { key: string; value: Base };
  rooms: { key: string; value: CachedRoom };
  logs: { key: string; value: CachedLog };
  people: { key: string; value: User };
  drafts: { key: string; value: CachedDraft };
  outbox: { key: string; value: Entry };
}

/** Raise it when the stored form changes: an older database is emptied, the server fills it again. */
const version = 1;
/** Messages kept a room, and rooms kept: what a person can plausibly look at before the network is up. */
export const keptMessages = 100;
export const keptLogs = 30;
/** Writes are gathered this long. */
const delay = 400; // ms
/** What the server has too is written no more often than this; what only this device has, or must go, does not wait. */
const leisure = 2_000; // ms

const stores = ['base', 'rooms', 'logs', 'people', 'drafts'] as const;
type StoreName = (typeof stores)[number];
type Transaction = IDBPTransaction<Schema, typeof stores, 'readwrite'>;
type Put = (tx: Transaction) => Promise<unknown>;

function nameOf(user: string): string {
  return `myna-${user}`;
}

/** Removes everything stored for a person on this device. */
export async function wipe(user: string): Promise<void> {
  await deleteDB(nameOf(user)).catch(() => {});
}

/**
 * Cache is one person's data on this device, in IndexedDB. It is only ever a head start: whatever fails
 * here (private windows, a full disk) is left out, and the server's word counts. What was gathered is
 * written in one transaction, so cursors and rows belong together; several tabs may write, and an older
 * row never replaces a newer.
 */
export class Cache implements Shelf {
  #db: IDBPDatabase<Schema> | null = null;
  readonly #puts = new Map<string, Put>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it will ring, and when it was last written. */
  #due = 0;
  #wroteAt = 0;
  #closed = false;
  #writing: Promise<void> = Promise.resolve();

  /** Opens the person's database; a browser without one gives a Cache that keeps nothing. */
  static async open(user: string): Promise<Cache> {
    const cache = new Cache();
    try {
      cache.#db = await openDB<Schema>(nameOf(user), version, {
        upgrade(db) {
          for (const old of db.objectStoreNames) db.deleteObjectStore(old);
          db.createObjectStore('base');
          db.createObjectStore('rooms', { keyPath: 'room.id' });
          db.createObjectStore('logs', { keyPath: 'room' });
          db.createObjectStore('people', { keyPath: 'id' });
          db.createObjectStore('drafts', { keyPath: 'room' });
          db.createObjectStore('outbox', { keyPath: 'nonce' });
        },
        blocking: () => cache.#letGo(), // another tab wipes or upgrades
        terminated: () => cache.#letGo(),
      });
    } catch {
      cache.#db = null;
    }
    return cache;
  }

  /** Everything for the first screen; undefined if there is nothing usable. */
  async load(): Promise<Cached | undefined> {
    return this.#read(async (db) => {
      const tx = db.transaction(['base', 'rooms', 'logs', 'people', 'drafts']);
      const [base, rooms, logs, people, drafts] = await Promise.all([
        tx.objectStore('base').get('base'),
        tx.objectStore('rooms').getAll(),
        tx.objectStore('logs').getAll(),
        tx.objectStore('people').getAll(),
        tx.objectStore('drafts').getAll(),
      ]);
      return base === undefined ? undefined : { base, rooms, logs, people, drafts };
    });
  }

  async outbox(): Promise<Entry[]> {
    return (await this.#read((db) => db.getAll('outbox'))) ?? [];
  }

  /** Shelf: outbox rows are written at once, they are all there is of a message. */
  put(entry: Entry): void {
    void this.#write((db) => db.put('outbox', entry));
  }

  remove(nonce: string): void {
    void this.#write((db) => db.delete('outbox', nonce));
  }

  saveBase(base: Base): void {
    this.#later('base', (tx) => guarded(tx, 'base', base, 'base', (old) => old.user + old.directory <= base.user + base.directory));
  }

  saveRoom(room: CachedRoom): void {
    this.#later(`rooms/${room.room.id}`, (tx) =>
      guarded(tx, 'rooms', room, room.room.id, (old) => old.head + old.membership.rev <= room.head + room.membership.rev),
    );
  }

  removeRoom(room: string): void {
    for (const name of ['rooms', 'logs', 'drafts'] as const) {
      this.#later(`${name}/${room}`, (tx) => tx.objectStore(name).delete(room), true);
    }
  }

  saveLog(log: CachedLog): void {
    this.#later(`logs/${log.room}`, (tx) => guarded(tx, 'logs', log, log.room, (old) => old.cursor <= log.cursor));
  }

  removeLog(room: string): void {
    this.#later(`logs/${room}`, (tx) => tx.objectStore('logs').delete(room), true);
  }

  savePerson(user: User): void {
    this.#later(`people/${user.id}`, (tx) => guarded(tx, 'people', user, user.id, (old) => old.rev <= user.rev));
  }

  saveDraft(draft: CachedDraft): void {
    const gone = draft.text === '' && !draft.dirty;
    this.#later(`drafts/${draft.room}`, (tx) => {
      const store = tx.objectStore('drafts');
      return gone ? store.delete(draft.room) : store.put(draft);
    }, true);
  }

  /** Forgets everything but the outbox: the server was set back, what is stored here is of no use. */
  clear(): void {
    this.#puts.clear();
    for (const name of stores) this.#later(`clear/${name}`, (tx) => tx.objectStore(name).clear(), true);
  }

  /** Writes what was gathered, for instance because the page is about to go away. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wroteAt = Date.now();
    const puts = [...this.#puts.values()];
    this.#puts.clear();
    if (puts.length > 0) {
      this.#writing = this.#writing.then(() =>
        this.#write(async (db) => {
          const tx = db.transaction(stores, 'readwrite');
          await Promise.all([...puts.map((put) => put(tx)), tx.done]);
        }),
      );
    }
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#letGo();
  }

  #letGo(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#puts.clear();
    this.#db?.close();
    this.#db = null;
  }

  #later(key: string, put: Put, urgent = false): void {
    if (this.#closed) return;
    this.#puts.delete(key); // so that the newest stands last, also after a clear
    this.#puts.set(key, put);
    const now = Date.now();
    const due = urgent ? now + delay : Math.max(now + delay, this.#wroteAt + leisure);
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.flush(), due - now);
  }

  async #write(put: (db: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    if (this.#db === null) return;
    try {
      await put(this.#db);
    } catch {
      // A head start lost, nothing else: the server has it all.
    }
  }

  async #read<T>(get: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T | undefined> {
    if (this.#db === null) return undefined;
    try {
      return await get(this.#db);
    } catch {
      return undefined;
    }
  }
}

/** Puts a value unless another tab has stored a newer one meanwhile. */
async function guarded<N extends StoreName>(
  tx: Transaction,
  name: N,
  value: Schema[N]['value'],
  key: string,
  isOlder: (old: Schema[N]['value']) => boolean,
): Promise<void> {
  const store = tx.objectStore(name);
  const old = await store.get(key);
  if (old === undefined || isOlder(old)) await (store.keyPath === null ? store.put(value, key) : store.put(value));
}
