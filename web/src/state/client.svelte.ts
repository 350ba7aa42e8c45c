import type { Account } from './account.svelte.ts';
import type { Activity } from './activity.svelte.ts';
import type { App } from './app.svelte.ts';
import type { Connection } from './connection.svelte.ts';
import type { Drafts } from './drafts.svelte.ts';
import type { Marks } from './marks.svelte.ts';
import type { Members } from './members.svelte.ts';
import type { People } from './people.svelte.ts';
import type { Presence } from './presence.svelte.ts';
import type { Rooms } from './rooms.svelte.ts';
import type { Timeline } from './timeline.svelte.ts';
import type { Title } from './title.svelte.ts';
import type { Typing } from './typing.svelte.ts';

/**
 * Client is everything a signed-in screen needs. It is made by App when somebody is signed in, draws
 * from the cache first and then follows the server; components read its parts and call their methods,
 * and never fetch anything themselves.
 */
export class Client {
  declare readonly app: App;
  /** The own user id. */
  declare readonly me: string;
  declare readonly connection: Connection;
  declare readonly rooms: Rooms;
  declare readonly people: People;
  declare readonly presence: Presence;
  declare readonly typing: Typing;
  declare readonly drafts: Drafts;
  declare readonly marks: Marks;
  declare readonly account: Account;
  declare readonly activity: Activity;
  declare readonly title: Title;

  /** The messages of a room; the same object every time, so its window and place survive a room switch. */
  timeline(_room: string): Timeline {
    throw new Error('not yet');
  }

  /** The people of a room, loaded while a list is open. */
  members(_room: string): Members {
    throw new Error('not yet');
  }
}
