package httpapi

import (
	"net/http"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// routes is the whole REST API: method, path, who may use it and for what, handler, name, group,
// summary, and where there is more to say, about and status.
func (a *API) routes() []route {
	var all []route
	all = append(all, a.serverRoutes()...)
	all = append(all, a.accountRoutes()...)
	all = append(all, a.roomRoutes()...)
	all = append(all, a.messageRoutes()...)
	return all
}

func (a *API) serverRoutes() []route {
	return []route{
		{get, "/server", public, 0, typed(a.server), "server", "server", "What anybody may know of this server", "", 0},
		{get, "/limits", public, 0, typed(a.limits), "limits", "server", "The limits of this server", "", 0},
		{
			get, "/live", upgrade, 0, raw(a.options.Live), "live", "live", "The WebSocket",
			"An upgrade request. With a cookie the Origin header must be the public URL's exactly. docs/protocol.md describes the frames.", 0,
		},
		{get, "/settings", session, myna.BrowsePeople, typed(a.settings), "settings", "server", "The server's settings", "", 0},
		{patch, "/settings", session, myna.ManageServer, typed(a.updateSettings), "update_settings", "server", "Change the server's settings", "Admins only.", 0},
		{
			get, "/openapi.json", public, 0, typed(a.openAPI), "openapi", "server",
			"This description", "OpenAPI 3.1.", 0,
		},
		{get, "/docs", public, 0, typed(a.docs), "docs", "server", "This description as a page", "", 0},
		{get, "/docs.css", public, 0, typed(a.docsStyle), "docs_style", "server", "The look of that page", "", 0},
		{
			get, "/sync", session, myna.ManageOwnSelf, typed(a.sync), "sync", "sync", "Everything for the first screen",
			"The asker, preferences, settings, rooms with counts, and the heads of all scopes, read in one snapshot.", 0,
		},
		{
			get, "/scopes/{scope}/changes", inRoom, myna.Read, typed(a.changes).shownAs(wire.ChangePage{}), "changes", "sync", "Rows of a scope that changed after a cursor",
			"In rev order, each as it is now. A scope the asker does not follow is not found.", 0,
		},
		{
			post, "/load", loopback, 0, typed(a.load), "load", "load", "Make accounts and rooms for a load test",
			"Only on a server started with --allow-load-test, and only from the same machine.", http.StatusCreated,
		},
	}
}

func (a *API) accountRoutes() []route {
	return []route{
		{post, "/setup", public, 0, typed(a.setup), "setup", "accounts", "Make the first owner", "With the token of the link the server prints.", http.StatusCreated},
		{
			post, "/users", public, 0, typed(a.register), "register", "accounts", "Make an account",
			"Needs an invite unless registration is open.", http.StatusCreated,
		},
		{get, "/users/{user}", session, myna.BrowsePeople, typed(a.user), "user", "accounts", "A person's profile", "", 0},
		{get, "/me", session, myna.ManageOwnSelf, typed(a.me), "me", "accounts", "The own profile", "", 0},
		{patch, "/me", session, myna.ManageOwnSelf, typed(a.updateMe), "update_me", "accounts", "Change the own profile", "", 0},
		{patch, "/me/preferences", session, myna.ManageOwnSelf, typed(a.updatePreferences), "update_preferences", "accounts", "Change the own preferences", "", 0},
		{
			put, "/me/password", session, myna.ManageOwnSelf, typed(a.changePassword), "change_password", "accounts",
			"Change the own password", "All other sessions end.", 0,
		},
		{
			post, "/password-reset", public, 0, typed(a.resetPassword), "reset_password", "accounts", "Set a new password with a reset link",
			"All sessions end.", 0,
		},
		{
			post, "/sessions", public, 0, typed(a.login), "login", "sessions", "Sign in",
			"The session comes as a cookie, or with token: true as a bearer token in the answer. An unknown name and a wrong password get the same answer.",
			http.StatusCreated,
		},
		{get, "/sessions", session, myna.ManageOwnSelf, typed(a.sessions), "sessions", "sessions", "The own signed-in devices", "", 0},
		{remove, "/sessions", session, myna.ManageOwnSelf, typed(a.endOthers), "end_other_sessions", "sessions", "Sign out all other devices", "", 0},
		{remove, "/sessions/current", session, myna.ManageOwnSelf, typed(a.logout), "logout", "sessions", "Sign out", "", 0},
		{remove, "/sessions/{session}", session, myna.ManageOwnSelf, typed(a.endSession), "end_session", "sessions", "Sign out one device", "", 0},
		{get, "/invites", session, myna.InvitePeople, typed(a.invites), "invites", "invites", "Invite links that can still be used", "", 0},
		{
			post, "/invites", session, myna.InvitePeople, typed(a.createInvite), "create_invite", "invites", "Make an invite link",
			"The code is shown only in this answer.", http.StatusCreated,
		},
		{remove, "/invites/{invite}", session, myna.InvitePeople, typed(a.revokeInvite), "revoke_invite", "invites", "Make an invite link useless", "", 0},
		{get, "/invites/{code}/info", public, 0, typed(a.inviteInfo), "invite_info", "invites", "Who invites, and where to", "For the holder of the code.", 0},
	}
}

func (a *API) roomRoutes() []route {
	return []route{
		{get, "/rooms", session, myna.BrowsePeople, typed(a.browse), "browse_rooms", "rooms", "Open rooms", "All of them, joined or not, a page at a time.", 0},
		{
			post, "/rooms", session, myna.CreateRoom, typed(a.createRoom), "create_room", "rooms", "Make a channel or a conversation",
			"Safe to repeat with the same nonce. A one-to-one that exists is answered as it is.", http.StatusCreated,
		},
		{get, "/rooms/{room}", inRoom, myna.See, typed(a.room), "room", "rooms", "A room and the own place in it", "", 0},
		{patch, "/rooms/{room}", inRoom, myna.UpdateRoom, typed(a.updateRoom), "update_room", "rooms", "Rename, describe, archive or bring back", "", 0},
		{post, "/rooms/{room}/join", inRoom, myna.Join, typed(a.join), "join_room", "rooms", "Join an open room", "", 0},
		{post, "/rooms/{room}/leave", inRoom, myna.Leave, typed(a.leave), "leave_room", "rooms", "Leave a room", "", 0},
		{get, "/rooms/{room}/members", inRoom, myna.Read, typed(a.members), "members", "members", "People of a room", "By id, a page at a time.", 0},
		{post, "/rooms/{room}/members", inRoom, myna.AddMember, typed(a.addMembers), "add_members", "members", "Add people to a room", "Who is in it already stays.", 0},
		{remove, "/rooms/{room}/members/{user}", inRoom, myna.RemoveMember, typed(a.removeMember), "remove_member", "members", "Take a person out of a room", "", 0},
		{patch, "/rooms/{room}/membership", inRoom, myna.Read, typed(a.updateMembership), "update_membership", "members", "Change how the room is listed for the asker", "", 0},
		{put, "/rooms/{room}/read", inRoom, myna.Read, typed(a.markRead), "mark_read", "messages", "Move the read mark", "Forward only, but with unread to just before seq.", 0},
		{get, "/rooms/{room}/counts", inRoom, myna.Read, typed(a.counts), "counts", "messages", "Unread messages and mentions", "Both stop at unread_bound.", 0},
		{put, "/rooms/{room}/draft", inRoom, myna.Read, typed(a.setDraft), "set_draft", "messages", "Keep text that is not sent yet", "", 0},
	}
}

func (a *API) messageRoutes() []route {
	return []route{
		{
			get, "/rooms/{room}/messages", inRoom, myna.Read, typed(a.history).shownAs(wire.Page{}), "history", "messages", "A page of messages",
			"The newest, or those before, after or around a seq; in seq order.", 0,
		},
		{
			post, "/rooms/{room}/messages", inRoom, myna.Post, typed(a.postMessage), "post_message", "messages", "Say something",
			"Answered after the commit that holds it. Safe to repeat with the same nonce.", http.StatusCreated,
		},
		{get, "/rooms/{room}/messages/{seq}", inRoom, myna.Read, typed(a.message), "message", "messages", "One message", "", 0},
		{patch, "/rooms/{room}/messages/{seq}", inRoom, myna.EditOwn, typed(a.editMessage), "edit_message", "messages", "Change the own message", "", 0},
		{
			remove, "/rooms/{room}/messages/{seq}", inRoom, myna.EditOwn, typed(a.deleteMessage), "delete_message", "messages", "Delete a message",
			"The own one, or as an admin of the room anybody's. Its place stays, its content goes.", 0,
		},
	}
}
