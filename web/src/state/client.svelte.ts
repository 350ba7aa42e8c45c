import { Calls } from '../net/calls.ts';
import { Cache, keptLogs, keptMessages, wipe, type Cached } from '../sync/cache.ts';
import { tailOf } from '../sync/apply.ts';
import { Feed } from '../sync/feed.ts';
import { Outbox } from '../sync/outbox.ts';
import { Account } from './account.svelte.ts';
import { Activity } from './activity.svelte.ts';
import type { App } from './app.svelte.ts';
import { Connection } from './connection.svelte.ts';
import { Drafts } from './drafts.svelte.ts';
import { directory, Intake } from './intake.ts';
import { Marks } from './marks.svelte.ts';
import { Members } from './members.svelte.ts';
import { Pace } from './pace.ts';
import { People } from './people.svelte.ts';
import { Presence } from './presence.svelte.ts';
import { Rooms } from './rooms.svelte.ts';
import { showTitle } from './tab.svelte.ts';
import { Timeline, type TimelineHost } from './timeline.svelte.ts';
import { Title } from './title.svelte.ts';
import { Typing } from './typing.svelte.ts';

/**
 * Client is everything a signed-in screen needs. It is made by App when somebody is signed in, draws
 * from the cache first and then follows the server; components read its parts and call their methods,
 * and never fetch anything themselves.
 */
export class Client {
  readonly app: App;
  /** The own user id. */
  readonly me: string;
  readonly connection: Connection;
  readonly rooms: Rooms;
  readonly people: People;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly drafts: Drafts;
  readonly marks: Marks;
  readonly account: Account;
  readonly activity: Activity;
  readonly title: Title;

  readonly #calls: Calls;
  readonly #cache: Cache;
  readonly #feed: Feed;
  readonly #outbox: Outbox;
  readonly #intake: Intake;
  readonly #timelines = new Map<string, Timeline>();
  readonly #members = new Map<string, Members>();
  /** When each room with a kept log was last looked at, ms. */
  readonly #seenAt = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #hideTitle: () => void;
  #resolveReady: () => void = () => {};
  readonly #ready = new Promise<void>((resolve) => (this.#resolveReady = resolve));
  #focus = '';

  /** Opens the person's cache and gives a client that shows what was in it, already on its way to the server. */
  static async open(app: App, me: string): Promise<Client> {
    const cache = await Cache.open(me);
    const [cached, outbox] = await Promise.all([cache.load(), cache.outbox()]);
    const client = new Client(app, me, cache);
    if (cached !== undefined) client.#restore(cached);
    client.#outbox.load(outbox);
    void client.#feed.start(cached !== undefined);
    return client;
  }

  constructor(app: App, me: string, cache: Cache) {
    this.app = app;
    this.me = me;
    this.#cache = cache;
    this.#calls = new Calls(app.api);
    const send = (frame: Parameters<Feed['send']>[0]): boolean => this.#feed.send(frame);
    this.people = new People();
    this.activity = new Activity();
    this.connection = new Connection(() => this.#feed.retry());
    this.presence = new Presence(send);
    this.typing = new Typing(me, send);
    this.account = new Account(this.#calls, app.session, this.people);
    this.drafts = new Drafts(this.#calls, cache);
    this.#outbox = new Outbox(cache, send, () => this.#feed.probe());
    this.rooms = new Rooms(this.#calls, me, this.people, {
      cursor: (room) => this.#feed.gaps.cursor(room) ?? 0,
      joined: (entry, head) => this.#intake.joined(entry, head),
      uncounted: (entry) => this.#intake.recount(entry),
      left: (room) => this.#intake.left(room),
    });
    this.marks = new Marks({
      entry: (room) => this.rooms.get(room),
      entries: () => this.rooms.all,
      attentive: () => this.activity.focused,
      online: () => this.#feed.online,
      send,
      moved: (entry) => this.#intake.recount(entry),
    });
    this.title = new Title(this.rooms, () => this.account.settings?.name ?? 'Myna');
    this.#intake = new Intake(this.#parts());
    this.#feed = new Feed(app.api, () => new WebSocket(liveURL(app.router.base)), this.#intake, new Pace().defer);
    app.prefs.follows = true;
    this.#hideTitle = showTitle(this.title);
    this.#listen();
  }

  /** The messages of a room; the same object every time, so its stretch and place survive a room switch. */
  timeline(room: string): Timeline {
    let timeline = this.#timelines.get(room);
    if (timeline === undefined) {
      timeline = new Timeline(room, this.#timelineHost());
      this.#timelines.set(room, timeline);
    }
    return timeline;
  }

  /** The people of a room, loaded while a list is open. */
  members(room: string): Members {
    let members = this.#members.get(room);
    if (members === undefined) {
      members = new Members(room, this.#calls, this.people, (rows) => this.rooms.get(room)?.takeMembers(rows));
      this.#members.set(room, members);
    }
    return members;
  }

  /** Messages that could not be sent, over all rooms: worth a warning before signing out. */
  unsent(): number {
    return this.#outbox.waiting();
  }

  /** Stops everything; forget wipes what is stored on this device. */
  async close(forget: boolean): Promise<void> {
    this.#stop.abort();
    this.#hideTitle();
    this.#feed.close();
    this.#intake.close();
    this.#outbox.close();
    for (const part of [this.connection, this.presence, this.typing, this.drafts, this.marks, this.activity]) part.close();
    await this.#cache.close();
    if (!forget) return;
    this.rooms.forget();
    await wipe(this.me);
  }

  #restore(cached: Cached): void {
    const { gaps } = this.#feed;
    this.people.apply(cached.people);
    this.people.apply([cached.base.me]);
    this.people.complete = cached.base.directory > 0;
    this.account.apply(cached.base.settings);
    this.app.prefs.apply(cached.base.preferences);
    for (const log of cached.logs) {
      this.#seenAt.set(log.room, log.seenAt);
      this.timeline(log.room).seed(log);
      gaps.keep(log.room, log.cursor);
    }
    for (const room of cached.rooms) this.rooms.adopt(room);
    this.drafts.load(cached.drafts);
    gaps.keep(this.me, cached.base.user);
    gaps.keep(directory, cached.base.directory);
    this.#known();
  }

  /** The list of rooms is here. */
  #known(): void {
    this.rooms.ready = true;
    this.#resolveReady();
  }

  #listen(): void {
    const { signal } = this.#stop;
    addEventListener('online', () => this.#feed.wake(), { signal });
    addEventListener('offline', () => this.#feed.offline(), { signal });
    addEventListener('pagehide', () => this.#leave(), { signal });
    this.activity.onChange = () => {
      if (this.activity.visible) this.#feed.wake();
      else this.#leave();
      this.marks.attention();
      this.#tellFocus();
    };
    this.#outbox.onChange = (room) => this.#timelines.get(room)?.refresh();
    this.drafts.onChange = (room, there) => {
      const entry = this.rooms.get(room);
      if (entry !== undefined) entry.hasDraft = there;
    };
  }

  /** The page may not come back: everything that only waited is done now. */
  #leave(): void {
    this.drafts.leave();
    void this.#cache.flush();
  }

  #tellFocus(again = false): void {
    const { current } = this.rooms;
    const { active } = this.activity;
    const key = `${current} ${active}`;
    if (key === this.#focus && !again) return;
    const sent = this.#feed.send(current === '' ? { type: 'focus', active } : { type: 'focus', room: current, active });
    this.#focus = sent ? key : '';
  }

  #parts(): ConstructorParameters<typeof Intake>[0] {
    const feed = (): Feed => this.#feed;
    return {
      me: this.me,
      calls: this.#calls,
      cache: this.#cache,
      outbox: this.#outbox,
      get feed() {
        return feed();
      },
      session: this.app.session,
      prefs: this.app.prefs,
      connection: this.connection,
      rooms: this.rooms,
      people: this.people,
      presence: this.presence,
      typing: this.typing,
      drafts: this.drafts,
      marks: this.marks,
      account: this.account,
      timelines: this.#timelines,
      members: this.#members,
      known: () => this.#known(),
      tellFocus: () => this.#tellFocus(true),
    };
  }

  #timelineHost(): TimelineHost {
    return {
      me: this.me,
      calls: this.#calls,
      outbox: this.#outbox,
      ready: this.#ready,
      entry: (room) => this.rooms.get(room),
      entered: (room) => {
        this.rooms.enter(room);
        this.#seenAt.set(room, Date.now());
        this.#tellFocus();
      },
      exited: (room) => {
        this.rooms.exit(room);
        this.#tellFocus();
      },
      changed: (room) => this.#store(room),
    };
  }

  /** Keeps the newest messages of a room for the next cold start. */
  #store(room: string): void {
    const cursor = this.#feed.gaps.cursor(room);
    const log = this.#timelines.get(room)?.live();
    const seenAt = this.#seenAt.get(room);
    if (cursor === undefined || log === undefined || seenAt === undefined) return;
    const { messages, older } = tailOf(log, keptMessages);
    this.#cache.saveLog({ room, cursor, messages, older, seenAt });
    if (this.#seenAt.size <= keptLogs) return;
    const [oldest] = [...this.#seenAt].sort((a, b) => a[1] - b[1])[0] ?? [''];
    this.#seenAt.delete(oldest);
    this.#cache.removeLog(oldest);
  }
}

/** The WebSocket's address below the base of the server. */
function liveURL(base: string): string {
  const url = new URL(`${base}api/v1/live`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
