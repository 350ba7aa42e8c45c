package load

import (
	"fmt"

	"github.com/myna-chat/myna"
)

// The kinds of faults a checker finds. Any of them fails the run.
const (
	FaultLost       = "lost"       // a listener never got a message that others got or whose sender has an ack
	FaultDoubled    = "doubled"    // a message took two places, or came twice on an undisturbed connection
	FaultDisorder   = "disorder"   // a message came after one with a higher seq, or two listeners disagree about a place
	FaultMismatch   = "mismatch"   // the ack and the delivery name different places
	FaultLie        = "lie"        // refused, yet stored
	FaultUnanswered = "unanswered" // neither ack nor error for a post on a connection that stayed open
	FaultStranger   = "stranger"   // a message nobody sent, or in a room it was not sent to
	FaultProtocol   = "protocol"   // a frame that docs/protocol.md does not allow
)

const keptFaults = 20 // enough to understand what went wrong; all are counted

// Fault is one promise seen broken.
type Fault struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
}

// A checker decides from what was sent, what was answered and what every listener got whether anything
// was lost, doubled or put out of order. It keeps one record a message and one table a room, not one
// a delivery: a listener whose rooms are dense in seq, with each seq the same message as everybody
// else's, has the same journal as everybody else. Not safe for concurrent use.
type checker struct {
	messages []message // by number; number 0 is nobody's
	rooms    []room
	faults   []Fault
	counts   map[string]int64
}

// message is what is known about one message this run sent.
type message struct {
	due       int64 // when it was meant to leave, nanoseconds since the run began
	seq       int64 // its place as first heard of, by ack or delivery; 0 unknown
	rev       int64
	room      int32
	pending   int16 // tries without an answer
	acked     bool
	refused   bool
	delivered bool
	unknown   bool // a try was cut off: it may or may not be stored
}

// room is one room of the run, with which message stands where.
type room struct {
	id   myna.RoomID
	name string
	at   []int64 // message number by seq
}

// journal is what one listener holds of one scope: its cursor and, for the run's rooms, the newest seq.
type journal struct {
	scope  string
	room   int32 // index in checker.rooms, -1 for any other scope
	cursor int64 // rev of the newest change applied
	seq    int64
}

func newChecker() *checker {
	return &checker{messages: make([]message, 1, 1<<16), counts: map[string]int64{}}
}

func (k *checker) addRoom(id myna.RoomID) int32 {
	k.rooms = append(k.rooms, room{id: id, name: id.String(), at: make([]int64, 1)})
	return int32(len(k.rooms) - 1)
}

func (k *checker) fault(kind, format string, args ...any) {
	k.counts[kind]++
	if len(k.faults) < keptFaults {
		k.faults = append(k.faults, Fault{Kind: kind, Detail: fmt.Sprintf(format, args...)})
	}
}

// send notes a new message and gives its number.
func (k *checker) send(room int32, due int64) int64 {
	k.messages = append(k.messages, message{room: room, due: due, pending: 1})
	return int64(len(k.messages) - 1)
}

// resend notes another try with the same nonce.
func (k *checker) resend(number int64) { k.messages[number].pending++ }

// ack notes an answer that names the message's place. It says whether it was the first.
func (k *checker) ack(number int64, name string, seq, rev int64) (first bool) {
	m := k.find(number, name, "ack")
	if m == nil {
		return false
	}
	if m.pending == 0 {
		k.fault(FaultProtocol, "message %d in %s was answered once more than it was sent", number, name)
	}
	m.pending--
	first = !m.acked
	m.acked = true
	k.place(m, number, seq, rev, FaultMismatch)
	return first
}

// refuse notes an error frame for a post.
func (k *checker) refuse(number int64) {
	if number <= 0 || number >= int64(len(k.messages)) {
		k.fault(FaultStranger, "an error names message %d, which was never sent", number)
		return
	}
	k.messages[number].pending--
	k.messages[number].refused = true
}

// abandon notes that a try's connection is gone: there will be no answer to it.
func (k *checker) abandon(number int64) {
	m := &k.messages[number]
	m.pending--
	m.unknown = true
}

// deliver notes that a listener got a message as the next row of its room. It gives the moment the
// message was due, or -1 if the time is of no use (the message is not ours).
func (k *checker) deliver(j *journal, number, seq, rev int64) (due int64) {
	r := &k.rooms[j.room]
	switch {
	case seq == j.seq+1:
	case seq <= j.seq:
		k.fault(FaultDisorder, "%s: seq %d came after seq %d", r.name, seq, j.seq)
	default:
		k.fault(FaultLost, "%s: seq %d came after seq %d, %d missing", r.name, seq, j.seq, seq-j.seq-1)
	}
	j.seq = max(j.seq, seq)
	m := k.find(number, r.name, "delivery")
	if m == nil {
		return -1
	}
	kind := FaultDoubled
	if !m.delivered {
		kind = FaultMismatch // only an ack can have named a place before
	}
	m.delivered = true
	k.place(m, number, seq, rev, kind)
	return m.due
}

func (k *checker) find(number int64, name, what string) *message {
	if number <= 0 || number >= int64(len(k.messages)) {
		k.fault(FaultStranger, "%s: %s of a message this run never sent", name, what)
		return nil
	}
	m := &k.messages[number]
	if k.rooms[m.room].name != name {
		k.fault(FaultStranger, "%s of message %d names %s, it was sent to %s", what, number, name, k.rooms[m.room].name)
		return nil
	}
	return m
}

// place holds what is heard about a message's place against what was heard before; kind is the fault
// if another place was named then.
func (k *checker) place(m *message, number, seq, rev int64, kind string) {
	r := &k.rooms[m.room]
	if seq <= 0 || rev <= 0 {
		k.fault(FaultProtocol, "%s: message %d at seq %d, rev %d", r.name, number, seq, rev)
		return
	}
	if m.seq == seq && m.rev == rev {
		return // as heard before
	}
	if m.seq == seq {
		k.fault(FaultMismatch, "%s: message %d has rev %d, before it had %d", r.name, number, rev, m.rev)
		return
	}
	if m.seq != 0 {
		k.fault(kind, "%s: message %d stands at seq %d and at seq %d", r.name, number, m.seq, seq)
		return
	}
	m.seq, m.rev = seq, rev
	for int64(len(r.at)) <= seq {
		r.at = append(r.at, 0)
	}
	if other := r.at[seq]; other != 0 {
		k.fault(FaultDisorder, "%s: seq %d is message %d and message %d", r.name, seq, other, number)
		return
	}
	r.at[seq] = number
}

// last is the newest place in a room that anybody has heard of.
func (k *checker) last(room int32) int64 { return int64(len(k.rooms[room].at) - 1) }

// converged says whether a listener holds everything known of its room.
func (k *checker) converged(j *journal) bool { return j.room < 0 || j.seq >= k.last(j.room) }

// finish judges what can only be said at the end: that everybody has everything and that every post
// was answered with the truth.
func (k *checker) finish(listeners []*journal) {
	for _, j := range listeners {
		if !k.converged(j) {
			k.fault(FaultLost, "%s: a listener ended at seq %d of %d", k.rooms[j.room].name, j.seq, k.last(j.room))
		}
	}
	for i := range k.rooms {
		r := &k.rooms[i]
		for seq := 1; seq < len(r.at); seq++ {
			if r.at[seq] == 0 {
				k.fault(FaultLost, "%s: nobody heard of seq %d", r.name, seq)
			}
		}
	}
	for number := 1; number < len(k.messages); number++ {
		m := &k.messages[number]
		name := k.rooms[m.room].name
		switch {
		case m.pending > 0:
			k.fault(FaultUnanswered, "%s: message %d was never answered", name, number)
		case m.delivered && !m.acked && !m.unknown:
			k.fault(FaultLie, "%s: message %d was refused and yet stands at seq %d", name, number, m.seq)
		}
	}
}

func (k *checker) ok() bool { return len(k.counts) == 0 }
