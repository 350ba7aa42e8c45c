// Generated from the Go types by `make generate`. Do not edit.

/** A person: "u_" and 13 characters. */
export type UserID = string;
/** A room: "r_" and 13 characters. */
export type RoomID = string;
/** A signed-in device: "s_" and 13 characters. */
export type SessionID = string;
/** An invite link: "i_" and 13 characters. */
export type InviteID = string;
/** A ULID: 26 characters of Crockford's base 32. */
export type Nonce = string;
/** "directory", a UserID or a RoomID. */
export type Scope = string;
/** RFC 3339 in UTC with milliseconds. */
export type Time = string;

/** Every error code a server of this version sends. */
export type ErrorCode =
  | 'internal'
  | 'bad_id'
  | 'bad_time'
  | 'bad_scope'
  | 'bad_cursor'
  | 'bad_json'
  | 'bad_frame'
  | 'unknown_field'
  | 'unknown_frame'
  | 'bad_nonce'
  | 'bad_text'
  | 'empty'
  | 'too_long'
  | 'too_short'
  | 'too_large'
  | 'bad_name'
  | 'bad_username'
  | 'reserved_name'
  | 'name_taken'
  | 'name_confusable'
  | 'bad_password'
  | 'common_password'
  | 'wrong_login'
  | 'wrong_password'
  | 'no_session'
  | 'session_ended'
  | 'wrong_origin'
  | 'denied'
  | 'not_found'
  | 'conflict'
  | 'archived'
  | 'room_full'
  | 'last_owner'
  | 'signup_closed'
  | 'invite_needed'
  | 'invite_spent'
  | 'link_spent'
  | 'already_set_up'
  | 'too_many_requests'
  | 'overloaded'
  | 'bad_value'
  | 'bad_method'
  | 'disabled';

/** Close codes of the WebSocket. */
export const closeCode = {
  /** Restart: reconnect after the drain's wait. */
  goingAway: 1001,
  tooLarge: 1009,
  notUTF8: 1007,
  /** Nothing could be written for too long. */
  slow: 4000,
  /** No pong. */
  unseen: 4001,
  /** The server lost track of what to deliver: start from the database. */
  lost: 4002,
  sessionEnded: 4100,
  disabled: 4101,
  badFrame: 4200,
  tooManyFrames: 4201,
} as const;

/** The limits of this version, the same as GET /api/v1/limits answers. */
export const limits = {
  message_bytes: 16384,
  frame_bytes: 65536,
  body_bytes: 262144,
  name_runes: 80,
  topic_runes: 500,
  username_bytes: 64,
  password_runes: 15,
  password_bytes: 1024,
  room_members: 20000,
  group_members: 50,
  rooms_per_user: 1000,
  mentions: 50,
  page_size: 200,
  behind: 1000,
  unread_bound: 100,
  watched: 200,
  sessions: 100,
  queue_bytes: 1048576,
  requests: 20,
  requests_burst: 200,
  frames: 100,
  frames_burst: 400,
  dear_frame: 2,
} as const satisfies Limits;

// Rows

/** Room is a room as its members see it. */
export interface Room {
  id: RoomID;
  kind: 'open' | 'closed' | 'direct';
  /** Empty in conversations nobody named. */
  name: string;
  topic: string;
  /** A note to self or a one-to-one: its people never change. */
  pair: boolean;
  /** Everybody joins it when they register. */
  default: boolean;
  created_by: UserID;
  created_at: Time;
  archived_at?: Time;
  rev: number;
}

/** Member is a person's place in a room as the others see it. */
export interface Member {
  room: RoomID;
  user: UserID;
  role: 'member' | 'admin';
  joined_at: Time;
  left: boolean;
  rev: number;
}

/** Message is one message. A deleted one keeps its place, with text and mentions empty. */
export interface Message {
  room: RoomID;
  /** Place in the room's history, dense from 1. */
  seq: number;
  /** The room scope's counter at the last change of this row. */
  rev: number;
  author: UserID;
  /** The author's ULID for this message. */
  nonce: Nonce;
  /** Markdown subset, at most 16 KiB of UTF-8. */
  text: string;
  /** People named in the text who are members of the room. */
  mentions?: UserID[];
  created_at: Time;
  edited_at?: Time;
  deleted_at?: Time;
}

/** Membership is the same place as the person's own devices see it. */
export interface Membership {
  room: RoomID;
  /** Everything up to this seq was read. */
  read_seq: number;
  favorite: boolean;
  muted: boolean;
  left: boolean;
  rev: number;
}

/** Draft is text not sent yet; an empty text means there is none. */
export interface Draft {
  room: RoomID;
  text: string;
  updated_at: Time;
  rev: number;
}

/** Preferences are a person's own settings. */
export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  /** Empty: as the browser asks. */
  language: '' | 'en' | 'zh-CN';
  enter_key: 'send' | 'newline';
  rev: number;
}

/** User is a person's public profile. */
export interface User {
  id: UserID;
  username: string;
  name: string;
  role: 'member' | 'admin' | 'owner';
  disabled: boolean;
  created_at: Time;
  rev: number;
}

/** Settings are the server's own. */
export interface Settings {
  name: string;
  registration: 'open' | 'invite' | 'closed';
  rev: number;
}

// Errors

/** ErrorBody is how every error looks, in REST under the key "error" and in error frames. */
export interface ErrorBody {
  /** Stable name; docs/protocol.md lists them. */
  code: ErrorCode;
  /** One English sentence that says what is wrong and how to mend it. */
  message: string;
  /** The input field at fault. */
  field?: string;
  /** Seconds to wait before trying again. */
  retry_after?: number;
}

/** Failure is the body of every REST answer that is not 2xx. */
export interface Failure {
  error: ErrorBody;
}

// Frames

/** Presence of one person over all their devices. */
export interface Presence {
  user: UserID;
  state: 'online' | 'away' | 'offline';
}

/** Post says something in a room. Answered by Ack, or by Error with the same nonce. */
export interface Post {
  type: 'post';
  nonce: Nonce;
  room: RoomID;
  text: string;
}

/** Read moves the read mark. Forward only, except with unread, which sets it just before seq. Not answered: the new mark comes as a membership change in the user's scope. */
export interface Read {
  type: 'read';
  room: RoomID;
  seq: number;
  unread?: boolean;
}

/** Typing says that the person is writing; repeat it every 3 s while they are. Not answered. */
export interface Typing {
  type: 'typing';
  room: RoomID;
}

/** Focus says what this device shows. Typing signals come only for the room in focus. Active is false when the window is hidden or unused for 5 minutes: with no active device a person is "away". */
export interface Focus {
  type: 'focus';
  /** Left out: no room is on the screen. */
  room?: RoomID;
  active: boolean;
}

/** Watch replaces the set of people whose presence this device follows, at most 200. Answered by a presence signal with everybody's present state. */
export interface Watch {
  type: 'watch';
  users: UserID[];
}

/** Fetch asks for the rows of a scope that changed after a cursor. Answered by Changes with the same ref. */
export interface Fetch {
  type: 'fetch';
  /** Comes back in the answer. */
  ref: number;
  scope: Scope;
  /** The client's cursor. */
  after: number;
}

/** Ping asks for a Pong; a client sends it to find out whether the line is alive. */
export interface Ping {
  type: 'ping';
}

/** Ready is the first frame: who is signed in and where every followed scope stands. Everything after these heads comes live; what lies between the client's cursors and the heads is to be fetched. */
export interface Ready {
  type: 'ready';
  user: UserID;
  session: SessionID;
  /** Of the server; a new one means the client should reload. */
  version: string;
  now: Time;
  heads: Record<Scope, number>;
}

/** Change says that a row became what it now is, at Rev of Scope. */
export type Change = {
  [K in RowKind]: { type: 'change'; scope: Scope; rev: number; kind: K; row: RowTypes[K] };
}[RowKind];

/** Changes answers a fetch: rows in rev order. If more is true ask again with after = the last rev. If reset is true the cursor was too far behind: drop what is cached of the scope and load it anew. */
export interface Changes {
  type: 'changes';
  ref: number;
  scope: Scope;
  rows: Change[];
  head: number;
  more: boolean;
  reset: boolean;
}

/** Signal is something that passes and is never stored. */
export interface Signal {
  type: 'signal';
  kind: 'typing' | 'presence';
  /** typing: where. */
  room?: RoomID;
  /** typing: who. Forget it after 5 s. */
  user?: UserID;
  presence?: Presence[];
}

/** Ack answers a post after the commit that holds it. The same nonce gets the same ack for ever. */
export interface Ack {
  type: 'ack';
  nonce: Nonce;
  room: RoomID;
  seq: number;
  rev: number;
  created_at: Time;
}

/** ErrorFrame answers a frame that could not be carried out. Nonce or ref say which, where it had one. */
export interface ErrorFrame {
  type: 'error';
  nonce?: Nonce;
  ref?: number;
  error: ErrorBody;
}

/** Resync tells a device that lagged that its queue was dropped: fetch from the cursors to these heads. Answers that stood in the queue are gone too: ask again what you wait for, posts with the same nonce. */
export interface Resync {
  type: 'resync';
  heads: Record<Scope, number>;
}

/** Drain tells that the server is about to stop: reconnect after the given wait. */
export interface Drain {
  type: 'drain';
  after_ms: number;
}

/** Pong answers a Ping. */
export interface Pong {
  type: 'pong';
  now: Time;
}

// REST: sign-in and accounts

/** Server is what anybody may know before signing in. */
export interface Server {
  name: string;
  version: string;
  registration: 'open' | 'invite' | 'closed';
  /** There is no owner yet: use the link the server printed. */
  needs_setup: boolean;
  /** The server is reached without TLS: development only. */
  plain_http: boolean;
}

/** Limits are the bounds every client can count on. */
export interface Limits {
  message_bytes: number;
  frame_bytes: number;
  body_bytes: number;
  name_runes: number;
  topic_runes: number;
  username_bytes: number;
  /** At least. */
  password_runes: number;
  /** At most. */
  password_bytes: number;
  room_members: number;
  group_members: number;
  rooms_per_user: number;
  mentions: number;
  page_size: number;
  behind: number;
  unread_bound: number;
  watched: number;
  sessions: number;
  queue_bytes: number;
  /** REST, a second and person, for ever. */
  requests: number;
  /** REST, at once after a pause. */
  requests_burst: number;
  /** WebSocket, a second and person, for ever. */
  frames: number;
  /** WebSocket, at once after a pause. */
  frames_burst: number;
  /** WebSocket: frames that a post, a fetch or a watch counts as. */
  dear_frame: number;
}

/** Setup makes the first owner. */
export interface Setup {
  /** From the printed link. */
  token: string;
  server_name?: string;
  username: string;
  /** Display name; the username if left out. */
  name?: string;
  password: string;
}

/** Register makes an account. */
export interface Register {
  username: string;
  name?: string;
  password: string;
  /** The code of an invite link. */
  invite?: string;
}

/** Login starts a session. */
export interface Login {
  username: string;
  password: string;
  /** Answer with a bearer token instead of a cookie. */
  token?: boolean;
}

/** SignedIn answers setup, registration and login. Browsers get the token as a cookie only. */
export interface SignedIn {
  user: User;
  session: Session;
  token?: string;
}

/** Session is one signed-in device of the asker. */
export interface Session {
  id: SessionID;
  current: boolean;
  user_agent: string;
  address: string;
  created_at: Time;
  seen_at: Time;
  expires_at: Time;
}

export interface Sessions {
  sessions: Session[];
}

/** ChangePassword ends all other sessions of the person. */
export interface ChangePassword {
  old: string;
  new: string;
}

/** ResetPassword uses a one-time link made by an admin or on the command line. */
export interface ResetPassword {
  token: string;
  password: string;
}

export interface UpdateProfile {
  name?: string;
}

export interface UpdatePreferences {
  theme?: 'system' | 'light' | 'dark';
  language?: '' | 'en' | 'zh-CN';
  enter_key?: 'send' | 'newline';
}

export interface UpdateSettings {
  name?: string;
  registration?: 'open' | 'invite' | 'closed';
}

/** CreateInvite makes a link. The code is shown once, in the answer. */
export interface CreateInvite {
  /** How many people may use it; 1 if left out, at most 1,000. */
  uses?: number;
  /** Seconds; a week if left out, at most a year. */
  expires_in?: number;
}

export interface Invite {
  id: InviteID;
  created_by: UserID;
  created_at: Time;
  expires_at: Time;
  uses_left: number;
  /** Only in the answer to its creation. */
  code?: string;
  /** Only in the answer to its creation. */
  url?: string;
}

export interface Invites {
  invites: Invite[];
}

/** InviteInfo is what the holder of a code may see. */
export interface InviteInfo {
  server: string;
  /** Display name. */
  inviter: string;
  expires_at: Time;
}

// REST: rooms and messages

/** Sync is everything a client needs to draw its first screen, read in one snapshot. */
export interface Sync {
  me: User;
  session: SessionID;
  settings: Settings;
  preferences: Preferences;
  /** Head rev of the directory scope. */
  directory: number;
  /** Head rev of the asker's scope. */
  user: number;
  rooms: FollowedRoom[];
  drafts: Draft[];
}

/** FollowedRoom is one line of the room list with all that is needed to draw it. */
export interface FollowedRoom {
  room: Room;
  membership: Membership;
  /** The room scope's rev. */
  head: number;
  last_seq: number;
  /** When the newest message came. */
  last_at?: Time;
  /** Messages of others after the read mark, counted up to 100. */
  unread: number;
  /** Of those, the ones that name the asker. */
  mentions: number;
  /** Direct rooms only. */
  members?: UserID[];
}

/** CreateRoom makes a channel (open or closed, with a name) or a conversation (direct, with people). A one-to-one or note to self that exists already is answered as it is. */
export interface CreateRoom {
  /** ULID; the same nonce is answered with the same room. */
  nonce: Nonce;
  kind: 'open' | 'closed' | 'direct';
  name?: string;
  topic?: string;
  /** Besides the asker. */
  members?: UserID[];
}

export interface UpdateRoom {
  name?: string;
  topic?: string;
  archived?: boolean;
}

/** BrowsedRoom is an open room as found by somebody who may not be in it. */
export interface BrowsedRoom {
  room: Room;
  members: number;
  joined: boolean;
}

export interface BrowsedRooms {
  rooms: BrowsedRoom[];
  /** Give it back as after for the next page. */
  next?: string;
}

/** Page of a room's history, in seq order. */
export interface Page {
  messages: Message[];
  /** The room scope's rev in the same snapshot. */
  head: number;
  last_seq: number;
  /** There are messages before the first. */
  older: boolean;
  /** There are messages after the last. */
  newer: boolean;
}

export interface Members {
  members: Member[];
  head: number;
  next?: string;
}

export interface AddMembers {
  users: UserID[];
}

export interface PostMessage {
  nonce: Nonce;
  text: string;
}

/** Posted answers a post by REST: where the message stands. The same nonce gets the same answer for ever. */
export interface Posted {
  room: RoomID;
  seq: number;
  rev: number;
  created_at: Time;
}

export interface EditMessage {
  text: string;
}

export interface SetRead {
  seq: number;
  unread?: boolean;
}

export interface SetDraft {
  /** Empty removes it. */
  text: string;
}

export interface UpdateMembership {
  favorite?: boolean;
  muted?: boolean;
}

export interface Counts {
  unread: number;
  mentions: number;
}

/** ChangePage is a page of a scope's rows that changed after a cursor, in rev order. If more is true ask again with after = the last rev. If reset is true the cursor was too far behind: drop what is cached of the scope and load it anew. */
export interface ChangePage {
  scope: Scope;
  rows: Change[];
  /** The scope's rev in the same snapshot. */
  head: number;
  more: boolean;
  reset: boolean;
}

// REST: load tests

/** CreateLoad is the body of POST /api/v1/load, which exists only on a server started with --allow-load-test and answers only a peer on a loopback address that sends no forwarding header; it needs no session. It makes accounts named "load-…" with a session token each (no password, no seat in the default room, no rate limits) and private rooms for them. Nothing else on the server is touched. {"users": 5000, "rooms": [{"count": 500, "size": 10}]} makes 5,000 people in 500 rooms of 10; {"users": 1000, "rooms": [{"count": 1, "size": 1000}]} makes one crowd. */
export interface CreateLoad {
  /** How many accounts to make, 1 to 20,000. */
  users: number;
  /** Groups of equal rooms, at most 5,000 rooms and 100,000 seats in all. */
  rooms?: LoadRooms[];
}

/** LoadRooms asks for Count rooms (kind closed) of Size members each. Seats are handed out round the table of the call's accounts: room k of the group holds the accounts First+k*Size … First+k*Size+Size-1, each modulo users. The first of them makes the room. */
export interface LoadRooms {
  /** How many rooms, at least 1. */
  count: number;
  /** Members each, 1 to users. */
  size: number;
  /** Index of the first room's first member; 0 if left out. */
  first?: number;
}

/** LoadMade answers CreateLoad, everything in the order asked for. */
export interface LoadMade {
  /** The server's process: a generator on the same machine reads its CPU and memory from /proc. */
  pid: number;
  users: LoadUser[];
  rooms: LoadRoom[];
}

/** LoadUser is one account with a live session. */
export interface LoadUser {
  id: UserID;
  /** Bearer token of a session, good for a day. */
  token: string;
}

/** LoadRoom is one room; Members are indices into the answer's users. */
export interface LoadRoom {
  id: RoomID;
  members: number[];
}

/** The row each kind of change carries. */
export interface RowTypes {
  room: Room;
  member: Member;
  message: Message;
  membership: Membership;
  draft: Draft;
  preferences: Preferences;
  user: User;
  settings: Settings;
}
export type RowKind = keyof RowTypes;

/** What a client sends. */
export type ClientFrame = Post | Read | Typing | Focus | Watch | Fetch | Ping;

/** What the server sends. */
export type ServerFrame = Ready | Change | Changes | Signal | Ack | ErrorFrame | Resync | Drain | Pong;
