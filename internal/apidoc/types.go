package apidoc

import (
	"reflect"

	"github.com/myna-chat/myna/wire"
)

// section is a group of types under one heading of the generated files.
type section struct {
	Title string
	Types []reflect.Type
}

// frame pairs the value of a frame's "type" with its Go type.
type frame struct {
	Name string
	Type reflect.Type
}

// rowKinds pairs the kinds a change can carry with their types, in the order they are documented.
func rowKinds() []frame {
	return []frame{
		{"room", reflect.TypeFor[wire.Room]()},
		{"member", reflect.TypeFor[wire.Member]()},
		{"message", reflect.TypeFor[wire.Message]()},
		{"membership", reflect.TypeFor[wire.Membership]()},
		{"draft", reflect.TypeFor[wire.Draft]()},
		{"preferences", reflect.TypeFor[wire.Preferences]()},
		{"user", reflect.TypeFor[wire.User]()},
		{"settings", reflect.TypeFor[wire.Settings]()},
	}
}

func clientFrames() []frame {
	return []frame{
		{wire.FramePost, reflect.TypeFor[wire.Post]()},
		{wire.FrameRead, reflect.TypeFor[wire.Read]()},
		{wire.FrameTyping, reflect.TypeFor[wire.Typing]()},
		{wire.FrameFocus, reflect.TypeFor[wire.Focus]()},
		{wire.FrameWatch, reflect.TypeFor[wire.Watch]()},
		{wire.FrameFetch, reflect.TypeFor[wire.Fetch]()},
		{wire.FramePing, reflect.TypeFor[wire.Ping]()},
	}
}

func serverFrames() []frame {
	return []frame{
		{wire.FrameReady, reflect.TypeFor[wire.Ready]()},
		{wire.FrameChange, reflect.TypeFor[wire.Change]()},
		{wire.FrameChanges, reflect.TypeFor[wire.Changes]()},
		{wire.FrameSignal, reflect.TypeFor[wire.Signal]()},
		{wire.FrameAck, reflect.TypeFor[wire.Ack]()},
		{wire.FrameError, reflect.TypeFor[wire.ErrorFrame]()},
		{wire.FrameResync, reflect.TypeFor[wire.Resync]()},
		{wire.FrameDrain, reflect.TypeFor[wire.Drain]()},
		{wire.FramePong, reflect.TypeFor[wire.Pong]()},
	}
}

// sections holds every struct of package wire once; a test compares it with the source.
func sections() []section {
	frames := []reflect.Type{reflect.TypeFor[wire.Presence]()}
	for _, f := range append(clientFrames(), serverFrames()...) {
		frames = append(frames, f.Type)
	}
	var rows []reflect.Type
	for _, row := range rowKinds() {
		rows = append(rows, row.Type)
	}
	return []section{
		{"Rows", rows},
		{"Errors", []reflect.Type{reflect.TypeFor[wire.ErrorBody](), reflect.TypeFor[wire.Failure]()}},
		{"Frames", frames},
		{"REST: sign-in and accounts", accountTypes()},
		{"REST: rooms and messages", roomTypes()},
		{"REST: load tests", []reflect.Type{
			reflect.TypeFor[wire.CreateLoad](), reflect.TypeFor[wire.LoadRooms](),
			reflect.TypeFor[wire.LoadMade](), reflect.TypeFor[wire.LoadUser](), reflect.TypeFor[wire.LoadRoom](),
		}},
	}
}

func accountTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[wire.Server](), reflect.TypeFor[wire.Limits](), reflect.TypeFor[wire.Setup](),
		reflect.TypeFor[wire.Register](), reflect.TypeFor[wire.Login](), reflect.TypeFor[wire.SignedIn](),
		reflect.TypeFor[wire.Session](), reflect.TypeFor[wire.Sessions](), reflect.TypeFor[wire.ChangePassword](),
		reflect.TypeFor[wire.ResetPassword](), reflect.TypeFor[wire.UpdateProfile](),
		reflect.TypeFor[wire.UpdatePreferences](), reflect.TypeFor[wire.UpdateSettings](),
		reflect.TypeFor[wire.CreateInvite](), reflect.TypeFor[wire.Invite](), reflect.TypeFor[wire.Invites](),
		reflect.TypeFor[wire.InviteInfo](),
	}
}

func roomTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[wire.Sync](), reflect.TypeFor[wire.FollowedRoom](), reflect.TypeFor[wire.CreateRoom](),
		reflect.TypeFor[wire.UpdateRoom](), reflect.TypeFor[wire.BrowsedRoom](), reflect.TypeFor[wire.BrowsedRooms](),
		reflect.TypeFor[wire.Page](), reflect.TypeFor[wire.Members](), reflect.TypeFor[wire.AddMembers](),
		reflect.TypeFor[wire.PostMessage](), reflect.TypeFor[wire.Posted](), reflect.TypeFor[wire.EditMessage](),
		reflect.TypeFor[wire.SetRead](), reflect.TypeFor[wire.SetDraft](), reflect.TypeFor[wire.UpdateMembership](),
		reflect.TypeFor[wire.Counts](), reflect.TypeFor[wire.ChangePage](),
	}
}
