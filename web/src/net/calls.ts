import type {
  AddMembers,
  BrowsedRooms,
  ChangePassword,
  CreateInvite,
  CreateRoom,
  Draft,
  FollowedRoom,
  Invite,
  Invites,
  Members,
  Membership,
  Message,
  Page,
  Room,
  Session,
  Sessions,
  Settings,
  UpdateMembership,
  UpdateRoom,
  UpdateSettings,
  User,
} from '../wire.ts';
import type { Api } from './api.ts';

/** Which part of a room's history: at most one of before, after and around. */
export interface HistoryQuery {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit?: number;
}

/** Calls is the REST API by name, for the signed-in part. Every method rejects with ApiError. */
export class Calls {
  readonly api: Api;

  constructor(api: Api) {
    this.api = api;
  }

  room(room: string): Promise<FollowedRoom> {
    return this.api.get(`rooms/${room}`);
  }

  createRoom(body: CreateRoom): Promise<FollowedRoom> {
    return this.api.post('rooms', body);
  }

  updateRoom(room: string, body: UpdateRoom): Promise<Room> {
    return this.api.patch(`rooms/${room}`, body);
  }

  join(room: string): Promise<FollowedRoom> {
    return this.api.post(`rooms/${room}/join`);
  }

  leave(room: string): Promise<void> {
    return this.api.post(`rooms/${room}/leave`);
  }

  browse(q: string, after: string): Promise<BrowsedRooms> {
    return this.api.get('rooms', { q, after });
  }

  members(room: string, after: string): Promise<Members> {
    return this.api.get(`rooms/${room}/members`, { after });
  }

  addMembers(room: string, users: readonly string[]): Promise<void> {
    return this.api.post(`rooms/${room}/members`, { users: [...users] } satisfies AddMembers);
  }

  removeMember(room: string, user: string): Promise<void> {
    return this.api.delete(`rooms/${room}/members/${user}`);
  }

  updateMembership(room: string, body: UpdateMembership): Promise<Membership> {
    return this.api.patch(`rooms/${room}/membership`, body);
  }

  draft(room: string, text: string): Promise<Draft> {
    return this.api.put(`rooms/${room}/draft`, { text });
  }

  history(room: string, query: HistoryQuery): Promise<Page> {
    return this.api.get(`rooms/${room}/messages`, { ...query });
  }

  edit(room: string, seq: number, text: string): Promise<Message> {
    return this.api.patch(`rooms/${room}/messages/${seq}`, { text });
  }

  remove(room: string, seq: number): Promise<Message> {
    return this.api.delete(`rooms/${room}/messages/${seq}`);
  }

  updateMe(name: string): Promise<User> {
    return this.api.patch('me', { name });
  }

  changePassword(body: ChangePassword): Promise<void> {
    return this.api.put('me/password', body);
  }

  async sessions(): Promise<Session[]> {
    return (await this.api.get<Sessions>('sessions')).sessions;
  }

  endSession(id: string): Promise<void> {
    return this.api.delete(`sessions/${id}`);
  }

  endOtherSessions(): Promise<void> {
    return this.api.delete('sessions');
  }

  async invites(): Promise<Invite[]> {
    return (await this.api.get<Invites>('invites')).invites;
  }

  createInvite(body: CreateInvite): Promise<Invite> {
    return this.api.post('invites', body);
  }

  revokeInvite(id: string): Promise<void> {
    return this.api.delete(`invites/${id}`);
  }

  updateSettings(body: UpdateSettings): Promise<Settings> {
    return this.api.patch('settings', body);
  }
}
