package myna_test

import (
	"math"
	"testing"
	"time"

	"github.com/myna-chat/myna"
)

func TestIDText(t *testing.T) {
	for _, tc := range []struct {
		name string
		id   myna.UserID
		text string
	}{
		{"smallest", 1, "u_0000000000001"},
		{"a digit each", 1<<5 | 2, "u_0000000000012"},
		{"largest", math.MaxInt64, "u_7zzzzzzzzzzzz"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.id.String(); got != tc.text {
				t.Errorf("String() = %q, want %q", got, tc.text)
			}
			got, err := myna.ParseUserID(tc.text)
			if err != nil || got != tc.id {
				t.Errorf("ParseUserID(%q) = %d, %v; want %d", tc.text, got, err, tc.id)
			}
		})
	}
}

func TestIDPrefixes(t *testing.T) {
	if got := myna.RoomID(1).String(); got != "r_0000000000001" {
		t.Errorf("a room id reads %q", got)
	}
	if got := myna.SessionID(1).String(); got != "s_0000000000001" {
		t.Errorf("a session id reads %q", got)
	}
	if got := myna.InviteID(1).String(); got != "i_0000000000001" {
		t.Errorf("an invite id reads %q", got)
	}
	if _, err := myna.ParseRoomID("u_0000000000001"); err == nil {
		t.Error("a user id passed for a room id")
	}
	if _, err := myna.ParseSessionID("r_0000000000001"); err == nil {
		t.Error("a room id passed for a session id")
	}
	if _, err := myna.ParseInviteID("s_0000000000001"); err == nil {
		t.Error("a session id passed for an invite id")
	}
}

func TestBadIDs(t *testing.T) {
	for name, text := range map[string]string{
		"empty":           "",
		"prefix only":     "u_",
		"no prefix":       "0000000000001",
		"too short":       "u_000000000001",
		"too long":        "u_00000000000001",
		"zero":            "u_0000000000000",
		"over 63 bits":    "u_8000000000000",
		"capital letters": "u_0000000000A00",
		"letter i":        "u_000000000000i",
		"letter l":        "u_000000000000l",
		"letter o":        "u_000000000000o",
		"letter u":        "u_000000000000u",
		"Chinese":         "u_八哥八哥0",
		"a sign":          "u_-000000000001",
		"not UTF-8":       "u_\xff\xfe0000000000",
	} {
		t.Run(name, func(t *testing.T) {
			id, err := myna.ParseUserID(text)
			if err == nil {
				t.Fatalf("ParseUserID(%q) = %d, want an error", text, id)
			}
			wantError(t, err, myna.Invalid, myna.CodeBadID)
		})
	}
}

func TestNewIDsSortByTime(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	earlier := myna.NewID(start)
	for i := range 1000 {
		later := myna.NewID(start.Add(time.Duration(i+1) * time.Millisecond))
		if later <= earlier {
			t.Fatalf("made %d ms later, %d is not above %d", i+1, later, earlier)
		}
		earlier = later
	}
	if id := myna.NewID(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)); id < 0 {
		t.Errorf("a clock before 2025 gives the negative id %d", id)
	}
	if id := myna.NewID(time.Date(2094, 1, 1, 0, 0, 0, 0, time.UTC)); id < 0 {
		t.Errorf("a clock in 2094 gives the negative id %d", id)
	}
}

func TestNewIDsDiffer(t *testing.T) {
	const many = 200 // of 4 million numbers a millisecond: a clash once in 200 runs would be 20 of 4,000,000
	now, seen := time.Now(), map[int64]bool{}
	for range many {
		seen[myna.NewID(now)] = true
	}
	if len(seen) < many-2 {
		t.Errorf("%d ids of one millisecond are only %d different ones", many, len(seen))
	}
}

func FuzzID(f *testing.F) {
	for _, seed := range []string{"u_0000000000001", "u_7zzzzzzzzzzzz", "u_8000000000000", "", "r_1", "u_八哥"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := myna.ParseUserID(text)
		if err != nil {
			wantError(t, err, myna.Invalid, myna.CodeBadID)
			return
		}
		if id <= 0 || id.String() != text {
			t.Errorf("%q became %d, which reads %q", text, id, id)
		}
	})
}

func wantError(t *testing.T, err error, kind myna.Kind, code string) {
	t.Helper()
	e := myna.AsError(err)
	if e.Kind != kind || e.Code != code || e.Message == "" {
		t.Errorf("got kind %d, code %q, message %q; want kind %d, code %q and a message", e.Kind, e.Code, e.Message, kind, code)
	}
}
