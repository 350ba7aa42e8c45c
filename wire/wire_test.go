package wire_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func TestStatus(t *testing.T) {
	want := map[myna.Kind]int{
		myna.Internal: http.StatusInternalServerError, myna.Invalid: http.StatusBadRequest,
		myna.Unauthorized: http.StatusUnauthorized, myna.Denied: http.StatusForbidden,
		myna.NotFound: http.StatusNotFound, myna.Conflict: http.StatusConflict,
		myna.Limited: http.StatusTooManyRequests, myna.Gone: http.StatusGone,
		99: http.StatusInternalServerError,
	}
	for kind, status := range want {
		if got := wire.Status(kind); got != status {
			t.Errorf("kind %d has status %d, want %d", kind, got, status)
		}
	}
}

func TestErrorOf(t *testing.T) {
	limited := myna.Errorf(myna.Limited, myna.CodeTooMany, "too many requests").In("name").After(1200 * time.Millisecond)
	for _, tc := range []struct {
		name string
		err  error
		want wire.ErrorBody
	}{
		{
			"seconds are rounded up", fmt.Errorf("post: %w", limited),
			wire.ErrorBody{Code: "too_many_requests", Message: "too many requests", Field: "name", RetryAfter: 2},
		},
		{
			"what is not ours gives nothing away", fmt.Errorf("open /var/lib/myna/secret: denied"),
			wire.ErrorBody{Code: "internal", Message: "something went wrong on the server; try again"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, wire.ErrorOf(tc.err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestChangeJSON fixes what clients see of each kind of row. A new row kind belongs into this table.
func TestChangeJSON(t *testing.T) {
	const at = myna.Time(1795401590123)
	nonce, err := myna.ParseNonce("01ARZ3NDEKTSV4RRFFQ69G5FAV")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		scope myna.Scope
		row   myna.Row
		want  string
	}{
		{
			myna.RoomID(2).Scope(),
			myna.Message{Room: 2, Seq: 3, Rev: 4, Author: 1, Nonce: nonce, Text: "hi <b>", Mentions: []myna.UserID{5}, CreatedAt: at},
			`{"type":"change","scope":"r_0000000000002","rev":9,"kind":"message","row":{"room":"r_0000000000002","seq":3,"rev":4,"author":"u_0000000000001","nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV","text":"hi \u003cb\u003e","mentions":["u_0000000000005"],"created_at":"2026-11-23T02:39:50.123Z"}}`,
		},
		{
			myna.RoomID(2).Scope(),
			myna.Message{Room: 2, Seq: 3, Rev: 5, Author: 1, Nonce: nonce, CreatedAt: at, EditedAt: at, DeletedAt: at},
			`{"type":"change","scope":"r_0000000000002","rev":9,"kind":"message","row":{"room":"r_0000000000002","seq":3,"rev":5,"author":"u_0000000000001","nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV","text":"","created_at":"2026-11-23T02:39:50.123Z","edited_at":"2026-11-23T02:39:50.123Z","deleted_at":"2026-11-23T02:39:50.123Z"}}`,
		},
		{
			myna.RoomID(2).Scope(),
			myna.Room{ID: 2, Kind: myna.ClosedRoom, Name: "design", Topic: "shapes", CreatedBy: 1, CreatedAt: at, Rev: 6},
			`{"type":"change","scope":"r_0000000000002","rev":9,"kind":"room","row":{"id":"r_0000000000002","kind":"closed","name":"design","topic":"shapes","pair":false,"default":false,"created_by":"u_0000000000001","created_at":"2026-11-23T02:39:50.123Z","rev":6}}`,
		},
		{
			myna.RoomID(2).Scope(),
			myna.Member{Room: 2, User: 1, Role: myna.RoomAdmin, JoinedAt: at, Left: true, Rev: 7},
			`{"type":"change","scope":"r_0000000000002","rev":9,"kind":"member","row":{"room":"r_0000000000002","user":"u_0000000000001","role":"admin","joined_at":"2026-11-23T02:39:50.123Z","left":true,"rev":7}}`,
		},
		{
			myna.UserID(1).Scope(),
			myna.Membership{Room: 2, User: 1, ReadSeq: 3, Favorite: true, Rev: 8},
			`{"type":"change","scope":"u_0000000000001","rev":9,"kind":"membership","row":{"room":"r_0000000000002","read_seq":3,"favorite":true,"muted":false,"left":false,"rev":8}}`,
		},
		{
			myna.UserID(1).Scope(),
			myna.Draft{Room: 2, User: 1, Text: "wait", UpdatedAt: at, Rev: 8},
			`{"type":"change","scope":"u_0000000000001","rev":9,"kind":"draft","row":{"room":"r_0000000000002","text":"wait","updated_at":"2026-11-23T02:39:50.123Z","rev":8}}`,
		},
		{
			myna.UserID(1).Scope(),
			myna.Preferences{User: 1, Theme: "dark", Language: "zh-CN", EnterKey: "send", Rev: 8},
			`{"type":"change","scope":"u_0000000000001","rev":9,"kind":"preferences","row":{"theme":"dark","language":"zh-CN","enter_key":"send","rev":8}}`,
		},
		{
			myna.Directory(),
			myna.User{ID: 1, Username: "小明", Name: "小明", Role: myna.RoleOwner, CreatedAt: at, Rev: 8},
			`{"type":"change","scope":"directory","rev":9,"kind":"user","row":{"id":"u_0000000000001","username":"小明","name":"小明","role":"owner","disabled":false,"created_at":"2026-11-23T02:39:50.123Z","rev":8}}`,
		},
		{
			myna.Directory(),
			myna.Settings{Name: "Birds", Registration: "invite", Rev: 8},
			`{"type":"change","scope":"directory","rev":9,"kind":"settings","row":{"name":"Birds","registration":"invite","rev":8}}`,
		},
	} {
		t.Run(string(tc.row.RowKind()), func(t *testing.T) {
			got, err := json.Marshal(wire.ChangeOf(myna.Change{Scope: tc.scope, Rev: 9, Row: tc.row}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCloseCodeRanges holds the promise that the range alone tells a client what to do.
func TestCloseCodeRanges(t *testing.T) {
	for _, tc := range []struct {
		name      string
		low, high int
		codes     []int
	}{
		{"reconnect with backoff", 4000, 4099, []int{wire.CloseSlow, wire.CloseUnseen, wire.CloseLost}},
		{"sign in first", 4100, 4199, []int{wire.CloseSessionEnded, wire.CloseDisabled}},
		{"the client is at fault", 4200, 4299, []int{wire.CloseBadFrame, wire.CloseTooManyFrames}},
	} {
		for _, code := range tc.codes {
			if code < tc.low || code > tc.high {
				t.Errorf("close code %d is not in %d–%d (%s)", code, tc.low, tc.high, tc.name)
			}
		}
	}
}

func TestScopesAreJSONKeys(t *testing.T) {
	ready := wire.Ready{Type: wire.FrameReady, User: 1, Session: 2, Heads: map[myna.Scope]int64{
		myna.Directory(): 4, myna.RoomID(3).Scope(): 5,
	}}
	got, err := json.Marshal(ready)
	if err != nil {
		t.Fatal(err)
	}
	var back wire.Ready
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ready, back); diff != "" {
		t.Error(diff)
	}
}
