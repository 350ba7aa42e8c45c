package myna_test

import (
	"testing"

	"github.com/myna-chat/myna"
)

func TestNamesOfStoredNumbers(t *testing.T) {
	for _, tc := range []struct {
		got  string
		want string
	}{
		{myna.RoleMember.String(), "member"},
		{myna.RoleAdmin.String(), "admin"},
		{myna.RoleOwner.String(), "owner"},
		{myna.PlainMember.String(), "member"},
		{myna.RoomAdmin.String(), "admin"},
		{myna.OpenRoom.String(), "open"},
		{myna.ClosedRoom.String(), "closed"},
		{myna.DirectRoom.String(), "direct"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// TestStoredNumbers must never be changed: databases hold these numbers.
func TestStoredNumbers(t *testing.T) {
	if myna.RoleMember != 10 || myna.RoleAdmin != 20 || myna.RoleOwner != 30 {
		t.Error("a role's number changed")
	}
	if myna.PlainMember != 10 || myna.RoomAdmin != 20 {
		t.Error("a member role's number changed")
	}
	if myna.OpenRoom != 1 || myna.ClosedRoom != 2 || myna.DirectRoom != 3 {
		t.Error("a room kind's number changed")
	}
	if myna.DirectoryKind != 1 || myna.UserKind != 2 || myna.RoomKindScope != 3 {
		t.Error("a scope kind's number changed")
	}
	if myna.BrowserSession != 1 || myna.APISession != 2 {
		t.Error("a session kind's number changed")
	}
}

func TestParseRoomKind(t *testing.T) {
	for _, kind := range []myna.RoomKind{myna.OpenRoom, myna.ClosedRoom, myna.DirectRoom} {
		if got, err := myna.ParseRoomKind(kind.String()); err != nil || got != kind {
			t.Errorf("ParseRoomKind(%q) = %v, %v", kind, got, err)
		}
	}
	for _, text := range []string{"", "Open", "public", "1"} {
		if got, err := myna.ParseRoomKind(text); err == nil {
			t.Errorf("ParseRoomKind(%q) = %v, want an error", text, got)
		} else {
			wantError(t, err, myna.Invalid, myna.CodeBadValue)
		}
	}
}

func TestDefaultPreferences(t *testing.T) {
	got := myna.DefaultPreferences(7)
	if want := (myna.Preferences{User: 7, Theme: "system", EnterKey: "send"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
