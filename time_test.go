package myna_test

import (
	"testing"
	"time"

	"github.com/myna-chat/myna"
)

func TestTimeText(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		time       myna.Time
		back       string
	}{
		{"epoch", "1970-01-01T00:00:00.000Z", 0, "1970-01-01T00:00:00.000Z"},
		{"milliseconds", "2026-11-23T02:39:50.123Z", 1795401590123, "2026-11-23T02:39:50.123Z"},
		{"no fraction", "2026-11-23T02:39:50Z", 1795401590000, "2026-11-23T02:39:50.000Z"},
		{"another zone", "2026-11-23T10:39:50+08:00", 1795401590000, "2026-11-23T02:39:50.000Z"},
		{"nanoseconds are cut", "2026-11-23T02:39:50.123999999Z", 1795401590123, "2026-11-23T02:39:50.123Z"},
		{"before the epoch", "1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got myna.Time
			if err := got.UnmarshalText([]byte(tc.text)); err != nil {
				t.Fatal(err)
			}
			if got != tc.time || got.String() != tc.back {
				t.Errorf("became %d, which reads %s; want %d, %s", got, got, tc.time, tc.back)
			}
		})
	}
}

func TestBadTimes(t *testing.T) {
	for _, text := range []string{"", "now", "2026-11-23", "2026-11-23 02:39:50", "2026-13-01T00:00:00Z", "1700000000"} {
		var got myna.Time
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q passed for the time %s", text, got)
		} else {
			wantError(t, err, myna.Invalid, myna.CodeBadTime)
		}
	}
}

func TestTimeArithmetic(t *testing.T) {
	start := myna.TimeOf(time.Date(2026, 11, 23, 2, 39, 50, 123_999_999, time.UTC))
	if got := start.Add(1500 * time.Millisecond).String(); got != "2026-11-23T02:39:51.623Z" {
		t.Errorf("a second and a half later it is %s", got)
	}
	if !myna.Time(0).IsZero() || start.IsZero() {
		t.Error("only zero means never")
	}
	if !start.Go().Equal(time.Date(2026, 11, 23, 2, 39, 50, 123_000_000, time.UTC)) || start.Go().Location() != time.UTC {
		t.Errorf("Go() = %v", start.Go())
	}
}
