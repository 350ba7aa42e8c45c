package load

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/myna-chat/myna/internal/livetest"
)

// small is every scenario at a size that a test can afford; what it measures says nothing, what it
// checks is what the big ones check.
func small(s *livetest.Server, scenario string) Flags {
	return Flags{
		Scenarios: []string{scenario}, URL: s.URL, Users: 40, Rate: 200, For: 500 * time.Millisecond,
		Idle: 50 * time.Millisecond, InFlight: 20, Duplicates: 0.2, PID: 0,
	}
}

func TestEveryScenario(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			server := livetest.New(t, livetest.Faults{}, 3)
			var out strings.Builder
			f := small(server, s.name)
			if s.name == "crowd-max" {
				f.For = 50 * time.Millisecond // of each step of the search
			}
			if err := Run(t.Context(), f, &out); err != nil {
				t.Errorf("%v\n%s", err, out.String())
			}
			if !strings.Contains(out.String(), "nothing lost, doubled or out of order") {
				t.Errorf("no verdict in:\n%s", out.String())
			}
		})
	}
}

// repeat calls fn again and again until stop is called.
func repeat(every time.Duration, fn func()) (stop func()) {
	tick, end, ended := time.NewTicker(every), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-tick.C:
				fn()
			case <-end:
				return
			}
		}
	}()
	return func() {
		tick.Stop()
		close(end)
		<-ended
	}
}

// TestMending has the server lose and double frames: the devices mend it, and that is no fault.
func TestMending(t *testing.T) {
	for name, faults := range map[string]livetest.Faults{
		"dropped": {Drop: 0.02},
		"resync":  {Resync: 0.02},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := livetest.New(t, faults, 3)
			stop := repeat(time.Second, s.Beacon) // what was dropped last is found by nothing else
			defer stop()
			var out strings.Builder
			if err := Run(t.Context(), small(s, "crowd"), &out); err != nil {
				t.Errorf("%v\n%s", err, out.String())
			}
			if strings.Contains(out.String(), ", 0 fetched") {
				t.Errorf("nothing was fetched:\n%s", out.String())
			}
		})
	}
}

// TestHistoryAfterReset has the devices fall behind so far that they must load pages.
func TestHistoryAfterReset(t *testing.T) {
	s := livetest.New(t, livetest.Faults{}, 3)
	s.Behind = 5
	var out strings.Builder
	if err := Run(t.Context(), small(s, "storm"), &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if strings.Contains(out.String(), " 0 resets") {
		t.Errorf("no reset:\n%s", out.String())
	}
}

// TestBrokenServers is the proof that the scenarios' verdict can fail.
func TestBrokenServers(t *testing.T) {
	for name, tc := range map[string]struct {
		faults livetest.Faults
		want   string
	}{
		"loses":           {livetest.Faults{Lose: 0.01}, FaultLost},
		"doubles":         {livetest.Faults{Double: 0.5}, FaultDoubled},
		"repeats a frame": {livetest.Faults{Repeat: 0.01}, FaultDoubled},
		"disorders":       {livetest.Faults{Disorder: 0.01}, FaultDisorder},
		"wrong acks":      {livetest.Faults{WrongAck: 0.05}, FaultMismatch},
		"lies":            {livetest.Faults{Lie: 0.05}, FaultLie},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := livetest.New(t, tc.faults, 3)
			var out strings.Builder
			err := Run(t.Context(), small(s, "crowd"), &out)
			if !errors.Is(err, ErrBroken) || !strings.Contains(out.String(), tc.want) {
				t.Errorf("want a %s fault, got %v\n%s", tc.want, err, out.String())
			}
		})
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, good := range []string{"http://127.0.0.1:8080", "http://localhost:80/chat", "http://127.8.9.10"} {
		u, _ := url.Parse(good)
		if _, err := targetOf(u); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"http://10.0.0.1", "http://192.168.1.5:8080", "http://example.org", "https://127.0.0.1", "http://127.0.0.1.example.org",
		"http://0.0.0.0:8080", "http://128.0.0.1", "http://[::1]:8080", "http://127.1", "http://127.0.0.999",
	} {
		u, _ := url.Parse(bad)
		if _, err := targetOf(u); err == nil {
			t.Errorf("%s was taken for a loopback address", bad)
		}
	}
}

func TestFlagsAreBounded(t *testing.T) {
	for name, f := range map[string]Flags{
		"users": {Users: maxUsers + 1}, "rate": {Rate: maxRate + 1}, "bytes": {Bytes: maxBytes + 1}, "for": {For: time.Hour},
		"duplicates": {Duplicates: 1.5}, "in flight": {InFlight: maxInFlight + 1}, "scenario": {Scenarios: []string{"flood"}},
		"pid of a spawned server": {Spawn: true, PID: 1},
	} {
		if name != "for" {
			f.For = time.Second
		}
		f.URL = "http://127.0.0.1:1"
		if err := Run(t.Context(), f, &strings.Builder{}); err == nil || strings.Contains(err.Error(), "connect") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
