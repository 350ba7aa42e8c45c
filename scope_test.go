package myna_test

import (
	"slices"
	"testing"

	"github.com/myna-chat/myna"
)

func TestScopeNames(t *testing.T) {
	for _, tc := range []struct {
		scope myna.Scope
		text  string
	}{
		{myna.Directory(), "directory"},
		{myna.UserID(1).Scope(), "u_0000000000001"},
		{myna.RoomID(2).Scope(), "r_0000000000002"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			if got := tc.scope.String(); got != tc.text {
				t.Errorf("String() = %q", got)
			}
			if got, err := tc.scope.MarshalText(); err != nil || string(got) != tc.text {
				t.Errorf("MarshalText() = %q, %v", got, err)
			}
			if got, err := myna.ParseScope(tc.text); err != nil || got != tc.scope {
				t.Errorf("ParseScope(%q) = %v, %v", tc.text, got, err)
			}
		})
	}
}

func TestBadScopes(t *testing.T) {
	for _, text := range []string{"", "Directory", "directory ", "s_0000000000001", "u_", "r_0000000000000", "room:1"} {
		if got, err := myna.ParseScope(text); err == nil {
			t.Errorf("ParseScope(%q) = %v, want an error", text, got)
		} else if myna.KindOf(err) != myna.Invalid {
			t.Errorf("ParseScope(%q): kind %d, want Invalid", text, myna.KindOf(err))
		}
	}
}

// TestScopeOrder matters because counters are locked in it: two transactions with another order each
// would wait for one another for ever.
func TestScopeOrder(t *testing.T) {
	want := []myna.Scope{
		myna.Directory(),
		myna.UserID(1).Scope(), myna.UserID(2).Scope(), myna.UserID(1 << 62).Scope(),
		myna.RoomID(1).Scope(), myna.RoomID(3).Scope(),
	}
	got := []myna.Scope{want[4], want[2], want[0], want[5], want[3], want[1]}
	slices.SortFunc(got, myna.Scope.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("sorted to %v, want %v", got, want)
	}
	for _, s := range want {
		if s.Compare(s) != 0 {
			t.Errorf("%v differs from itself", s)
		}
	}
}

func FuzzScope(f *testing.F) {
	for _, seed := range []string{"directory", "u_0000000000001", "r_7zzzzzzzzzzzz", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := myna.ParseScope(text)
		if err == nil && s.String() != text {
			t.Errorf("%q became %v", text, s)
		}
	})
}
