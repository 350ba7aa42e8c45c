package live

import (
	"strings"
	"testing"

	"github.com/myna-chat/myna"
)

// sink is an Outlet that throws away.
type sink struct {
	Session
	frames []*Frame
}

func (s *sink) Write() {
	for {
		s.frames = s.Take(s.frames[:0], 64<<10)
		if len(s.frames) == 0 {
			return
		}
	}
}
func (s *sink) Schedule()       { s.Write() }
func (s *sink) End(int, string) {}

// BenchmarkFanOut is one message to 1,000 listeners, without sockets: encode, queue, hand over.
func BenchmarkFanOut(b *testing.B) {
	const listeners = 1000
	w := newWorld()
	h := New(Options{History: w.history, Follow: w.followed})
	for u := range listeners {
		w.set(lobby, myna.UserID(u+1), true)
	}
	for u := range listeners {
		s := &sink{}
		if err := h.Attach(b.Context(), &s.Session, Device{Principal: myna.Principal{User: myna.UserID(u + 1)}, Outlet: s}); err != nil {
			b.Fatal(err)
		}
	}
	change := []myna.Change{{Scope: lobby.Scope()}}
	rev := w.revs[lobby.Scope()]
	text := strings.Repeat("a", 200)
	b.ReportAllocs()
	for b.Loop() {
		rev++
		change[0].Rev, change[0].Row = rev, myna.Message{Room: lobby, Seq: rev, Rev: rev, Author: ann, Text: text}
		h.dispatch(b.Context(), change)
		h.wake()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/listeners, "ns/delivery")
}
