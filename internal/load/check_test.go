package load

import (
	"slices"
	"testing"

	"github.com/myna-chat/myna"
)

// TestChecker tells small stories; each bad one must be found, or a green run means nothing.
func TestChecker(t *testing.T) {
	const room = myna.RoomID(1 << 40)
	name := room.String()
	type world struct {
		*checker
		a, b *journal
	}
	for _, tc := range []struct {
		name  string
		story func(w world)
		want  []string
	}{
		{"all well", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			for _, j := range []*journal{w.a, w.b} {
				w.deliver(j, 1, 1, 11)
				w.deliver(j, 2, 2, 12)
			}
		}, nil},
		{"sent twice, answered twice the same", func(w world) {
			w.resend(1)
			w.ack(1, name, 1, 11)
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			for _, j := range []*journal{w.a, w.b} {
				w.deliver(j, 1, 1, 11)
				w.deliver(j, 2, 2, 12)
			}
		}, nil},
		{"refused and not stored", func(w world) {
			w.ack(1, name, 1, 11)
			w.refuse(2)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.b, 1, 1, 11)
		}, nil},
		{"cut off and stored", func(w world) {
			w.ack(1, name, 1, 11)
			w.abandon(2)
			for _, j := range []*journal{w.a, w.b} {
				w.deliver(j, 1, 1, 11)
				w.deliver(j, 2, 2, 12)
			}
		}, nil},
		{"lost in the middle", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.a, 2, 2, 12)
			w.deliver(w.b, 2, 2, 12)
		}, []string{FaultLost}},
		{"lost at the end", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.a, 2, 2, 12)
			w.deliver(w.b, 1, 1, 11)
		}, []string{FaultLost}},
		{"acknowledged and never delivered", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.b, 1, 1, 11)
		}, []string{FaultLost, FaultLost}},
		{"stored twice", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			for _, j := range []*journal{w.a, w.b} {
				w.deliver(j, 1, 1, 11)
				w.deliver(j, 2, 2, 12)
				w.deliver(j, 1, 3, 13)
			}
		}, []string{FaultDoubled, FaultDoubled}},
		{"delivered twice", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			w.deliver(w.b, 1, 1, 11)
			w.deliver(w.b, 2, 2, 12)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.a, 2, 2, 12)
		}, []string{FaultDisorder}},
		{"out of order", func(w world) {
			w.ack(1, name, 1, 11)
			w.ack(2, name, 2, 12)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.a, 2, 2, 12)
			w.deliver(w.b, 2, 2, 12)
			w.deliver(w.b, 1, 1, 11)
		}, []string{FaultLost, FaultDisorder}},
		{"two listeners, two orders", func(w world) {
			w.refuse(1) // no ack tells which order is right
			w.refuse(2)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.a, 2, 2, 12)
			w.deliver(w.b, 2, 1, 11)
			w.deliver(w.b, 1, 2, 12)
		}, []string{FaultDoubled, FaultDoubled, FaultLie, FaultLie}},
		{"the ack names another place", func(w world) {
			w.ack(1, name, 2, 12)
			w.ack(2, name, 2, 12)
			w.deliver(w.a, 2, 1, 11)
			w.deliver(w.b, 2, 1, 11)
		}, []string{FaultDisorder, FaultMismatch, FaultDoubled, FaultLost, FaultLost, FaultLost}},
		{"the second ack differs", func(w world) {
			w.resend(1)
			w.ack(1, name, 1, 11)
			w.ack(1, name, 1, 12)
			w.refuse(2)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.b, 1, 1, 11)
		}, []string{FaultMismatch}},
		{"refused and stored", func(w world) {
			w.ack(1, name, 1, 11)
			w.refuse(2)
			for _, j := range []*journal{w.a, w.b} {
				w.deliver(j, 1, 1, 11)
				w.deliver(j, 2, 2, 12)
			}
		}, []string{FaultLie}},
		{"never answered", func(w world) {
			w.ack(1, name, 1, 11)
			for _, j := range []*journal{w.a, w.b} {
				w.deliver(j, 1, 1, 11)
				w.deliver(j, 2, 2, 12)
			}
		}, []string{FaultUnanswered}},
		{"from nobody", func(w world) {
			w.ack(1, name, 1, 11)
			w.refuse(2)
			w.deliver(w.a, 1, 1, 11)
			w.deliver(w.b, 1, 1, 11)
			w.deliver(w.a, 99, 2, 12)
		}, []string{FaultStranger}},
		{"in the wrong room", func(w world) {
			w.ack(1, myna.RoomID(77).String(), 1, 11)
			w.ack(2, name, 1, 11)
			w.deliver(w.a, 2, 1, 11)
			w.deliver(w.b, 2, 1, 11)
		}, []string{FaultStranger, FaultUnanswered}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := newChecker()
			r := k.addRoom(room)
			w := world{k, &journal{scope: name, room: r}, &journal{scope: name, room: r}}
			w.send(r, 0)
			w.send(r, 0)
			tc.story(w)
			k.finish([]*journal{w.a, w.b})
			var got []string
			for _, f := range k.faults {
				got = append(got, f.Kind)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", k.faults, tc.want)
			}
			if k.ok() != (len(tc.want) == 0) {
				t.Errorf("ok is %v with %v", k.ok(), got)
			}
		})
	}
}
