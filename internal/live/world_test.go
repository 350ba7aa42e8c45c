package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// world is what the database would hold: the rows of every scope as of their last change.
type world struct {
	mu     sync.Mutex
	revs   map[myna.Scope]int64
	rows   map[myna.Scope]map[string]myna.Change
	places map[place][]interval
}

// interval says that from rev on a person was in the room or out of it.
type interval struct {
	rev int64
	in  bool
}

func newWorld() *world {
	return &world{
		revs:   map[myna.Scope]int64{},
		rows:   map[myna.Scope]map[string]myna.Change{},
		places: map[place][]interval{},
	}
}

func rowKey(row myna.Row) string {
	switch r := row.(type) {
	case myna.Message:
		return fmt.Sprint("message ", r.Seq)
	case myna.Member:
		return fmt.Sprint("member ", r.User)
	case myna.Membership:
		return fmt.Sprint("membership ", r.Room)
	default:
		return string(row.RowKind())
	}
}

// put writes a row and gives the change; w.mu is held.
func (w *world) put(s myna.Scope, make func(rev int64) myna.Row) myna.Change {
	w.revs[s]++
	c := myna.Change{Scope: s, Rev: w.revs[s], Row: make(w.revs[s])}
	if w.rows[s] == nil {
		w.rows[s] = map[string]myna.Change{}
	}
	w.rows[s][rowKey(c.Row)] = c
	return c
}

// say posts a message.
func (w *world) say(room myna.RoomID, text string) []myna.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	return []myna.Change{w.message(room, int64(len(w.rows[room.Scope()])+1), text)}
}

// edit changes the first message, so that its row has a new rev.
func (w *world) edit(room myna.RoomID) []myna.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	return []myna.Change{w.message(room, 1, "edited")}
}

func (w *world) message(room myna.RoomID, seq int64, text string) myna.Change {
	return w.put(room.Scope(), func(rev int64) myna.Row {
		return myna.Message{Room: room, Seq: seq, Rev: rev, Author: 1, Text: text}
	})
}

// set puts a person into a room or out of it: two rows in two scopes, one transaction.
func (w *world) set(room myna.RoomID, u myna.UserID, in bool) []myna.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.in(room, u) == in {
		return nil
	}
	own := w.put(u.Scope(), func(rev int64) myna.Row {
		return myna.Membership{Room: room, User: u, Left: !in, Rev: rev}
	})
	member := w.put(room.Scope(), func(rev int64) myna.Row {
		return myna.Member{Room: room, User: u, Role: myna.PlainMember, Left: !in, Rev: rev}
	})
	w.places[place{room, u}] = append(w.places[place{room, u}], interval{rev: member.Rev, in: in})
	return []myna.Change{own, member}
}

func (w *world) touch(s myna.Scope) []myna.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	return []myna.Change{w.put(s, func(rev int64) myna.Row {
		switch s.Kind {
		case myna.UserKind:
			return myna.Preferences{User: myna.UserID(s.ID), Rev: rev}
		case myna.RoomKindScope:
			return myna.Room{ID: myna.RoomID(s.ID), Kind: myna.OpenRoom, Name: "room", Rev: rev}
		default:
			return myna.Settings{Name: "server", Rev: rev}
		}
	})}
}

func (w *world) in(room myna.RoomID, u myna.UserID) bool {
	history := w.places[place{room, u}]
	return len(history) > 0 && history[len(history)-1].in
}

// mayHave says whether a person may be given the room's change rev: they were in the room at that rev,
// or it is the row of their own removal, or (where rows come from history) they came back later.
func (w *world) mayHave(room myna.RoomID, u myna.UserID, rev int64, laterCounts bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := false
	for _, i := range w.places[place{room, u}] {
		if i.rev > rev {
			in = in || laterCounts && i.in
			continue
		}
		in = i.in || i.rev == rev
	}
	return in
}

func (w *world) after(s myna.Scope, after int64) ([]myna.Change, int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.afterLocked(s, after), w.revs[s]
}

func (w *world) afterLocked(s myna.Scope, after int64) []myna.Change {
	var rows []myna.Change
	for _, c := range w.rows[s] {
		if c.Rev > after {
			rows = append(rows, c)
		}
	}
	slices.SortFunc(rows, func(a, b myna.Change) int { return cmp.Compare(a.Rev, b.Rev) })
	return rows
}

// history is Options.History.
func (w *world) history(_ context.Context, s myna.Scope, after int64) ([]myna.Change, int64, error) {
	rows, head := w.after(s, after)
	return rows, head, nil
}

// followed is Options.Follow.
func (w *world) followed(_ context.Context, p myna.Principal) ([]Followed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []Followed{
		{Scope: myna.Directory(), Head: w.revs[myna.Directory()]},
		{Scope: p.User.Scope(), Head: w.revs[p.User.Scope()]},
	}
	for at, history := range w.places {
		if at.user == p.User && w.in(at.room, p.User) {
			list = append(list, Followed{Scope: at.room.Scope(), Head: w.revs[at.room.Scope()], MemberRev: history[len(history)-1].rev})
		}
	}
	return list, nil
}

// device is an Outlet that keeps what it is given.
type device struct {
	Session
	stuck bool // never reads

	mu     sync.Mutex
	frames []received
	pings  int
	code   int
}

// received is a server frame decoded into whatever it holds.
type received struct {
	Type     string               `json:"type"`
	Scope    myna.Scope           `json:"scope"`
	Rev      int64                `json:"rev"`
	Kind     myna.RowKind         `json:"kind"`
	Signal   string               `json:"-"`
	Row      json.RawMessage      `json:"row"`
	Heads    map[myna.Scope]int64 `json:"heads"`
	Room     myna.RoomID          `json:"room"`
	User     myna.UserID          `json:"user"`
	Presence []wire.Presence      `json:"presence"`
	AfterMS  int64                `json:"after_ms"`
}

func (d *device) Schedule() { d.Write() }

func (d *device) Write() {
	if d.stuck {
		return
	}
	for frames := d.Take(nil, 64<<10); len(frames) > 0; frames = d.Take(nil, 64<<10) {
		d.mu.Lock()
		for _, f := range frames {
			d.keep(f)
		}
		d.mu.Unlock()
	}
}

func (d *device) keep(f *Frame) {
	op, payload := parse(f)
	if op == ws.OpPing {
		d.pings++
		return
	}
	var r received
	err := json.Unmarshal(payload, &r)
	if r.Type == wire.FrameSignal { // its kind is not a row's
		r.Signal, r.Kind = string(r.Kind), ""
	}
	if err != nil {
		panic(fmt.Sprintf("%s: %v", payload, err))
	}
	d.frames = append(d.frames, r)
}

func parse(f *Frame) (ws.OpCode, []byte) {
	b := f.Bytes()
	at := 2
	switch b[1] {
	case 126:
		at = 4
	case 127:
		at = 10
	}
	return ws.OpCode(b[0] & 0x0f), b[at:]
}

func (d *device) End(code int, _ string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.code = code
}

// take gives what came since the last call.
func (d *device) take() []received {
	d.mu.Lock()
	defer d.mu.Unlock()
	frames := d.frames
	d.frames = nil
	return frames
}

func (d *device) closed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.code
}

// run starts a hub over w that ends with the test.
func run(t testing.TB, w *world, change ...func(*Options)) *Hub {
	o := Options{History: w.history, Follow: w.followed}
	for _, c := range change {
		c(&o)
	}
	h := New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return h
}

// attach connects a device of u.
func attach(t testing.TB, h *Hub, u myna.UserID) *device {
	t.Helper()
	d := &device{}
	if err := connect(h, d, u); err != nil {
		t.Fatal(err)
	}
	return d
}

func connect(h *Hub, d *device, u myna.UserID) error {
	return h.Attach(context.Background(), &d.Session, Device{
		Principal: myna.Principal{User: u, Session: myna.SessionID(u)}, Outlet: d, Version: "test",
	})
}

// revsOf lists the revs of the change frames of one scope.
func revsOf(frames []received, s myna.Scope) []int64 {
	var revs []int64
	for _, f := range frames {
		if f.Type == wire.FrameChange && f.Scope == s {
			revs = append(revs, f.Rev)
		}
	}
	return revs
}

// slowly takes a random while before and after the snapshot, for others to get between.
func slowly(seed uint64, read func(context.Context, myna.Principal) ([]Followed, error)) func(context.Context, myna.Principal) ([]Followed, error) {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 8))
	pause := func() {
		mu.Lock()
		d := time.Duration(rng.IntN(int(60 * time.Millisecond)))
		mu.Unlock()
		time.Sleep(d)
	}
	return func(ctx context.Context, p myna.Principal) ([]Followed, error) {
		pause()
		list, err := read(ctx, p)
		pause()
		return list, err
	}
}
