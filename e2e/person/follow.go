package person

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// pageSize is how many messages of a room a device loads when it first sees it.
const pageSize = 200

// Connect opens the WebSocket and follows everything until Disconnect or until the server closes.
func (d *Device) Connect(ctx context.Context) error {
	header := http.Header{"Authorization": {"Bearer " + d.token}}
	address := "ws" + strings.TrimPrefix(d.base, "http") + "/api/v1/live"
	conn, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: header, HTTPClient: d.http})
	if err != nil {
		if answer != nil {
			return fmt.Errorf("connect: %d: %w", answer.StatusCode, err)
		}
		return fmt.Errorf("connect: %w", err)
	}
	conn.SetReadLimit(8 << 20)
	var ready wire.Ready
	_, first, err := conn.Read(ctx)
	if err == nil {
		err = json.Unmarshal(first, &ready)
	}
	if err != nil || ready.Type != wire.FrameReady {
		_ = conn.CloseNow()
		return fmt.Errorf("the first frame is %q: %w", first, err)
	}
	d.mu.Lock()
	fresh := len(d.state.Cursors) == 0
	d.conn, d.wants, d.closed, d.trouble = conn, true, 0, nil
	d.state.Session, d.state.Drained = ready.Session, false
	clear(d.asking)
	d.done = make(chan struct{})
	done := d.done
	d.mu.Unlock()
	if fresh {
		if err := d.load(ctx); err != nil {
			_ = conn.CloseNow()
			close(done)
			return err
		}
	}
	d.mu.Lock()
	d.compare(ready.Heads)
	d.happened()
	d.mu.Unlock()
	go d.read(conn, done)
	return nil
}

// Disconnect closes the WebSocket without a word, as a cut network would.
func (d *Device) Disconnect() {
	d.mu.Lock()
	conn, done := d.conn, d.done
	d.conn, d.wants = nil, false
	d.mu.Unlock()
	if conn != nil {
		_ = conn.CloseNow()
		<-done
	}
}

// Wants says whether the device was connected and has not been told to disconnect or to sign in again.
func (d *Device) Wants() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	signedOut := d.closed >= 4100 && d.closed < 4200
	return d.wants && !signedOut
}

// load takes the first screen: everything, then the newest page of each room.
func (d *Device) load(ctx context.Context) error {
	var all wire.Sync
	if err := d.get(ctx, "/sync", nil, &all); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	d.mu.Lock()
	s := &d.state
	s.Me, s.Settings, s.Preferences = all.Me, all.Settings, all.Preferences
	s.Cursors[all.Me.ID.Scope()] = all.User
	for _, draft := range all.Drafts {
		s.Drafts[draft.Room] = draft
	}
	d.mu.Unlock()
	if err := d.loadPeople(ctx); err != nil {
		return err
	}
	for _, room := range all.Rooms {
		if err := d.loadRoom(ctx, room); err != nil {
			return err
		}
	}
	return nil
}

// loadPeople reads the directory from its beginning.
func (d *Device) loadPeople(ctx context.Context) error {
	for after := int64(0); ; {
		var page struct {
			Rows []change `json:"rows"`
			Head int64    `json:"head"`
			More bool     `json:"more"`
		}
		query := url.Values{"after": {strconv.FormatInt(after, 10)}}
		if err := d.get(ctx, "/scopes/directory/changes", query, &page); err != nil {
			return fmt.Errorf("load the directory: %w", err)
		}
		d.mu.Lock()
		for _, row := range page.Rows {
			if err := d.state.apply(row); err != nil {
				d.mu.Unlock()
				return err
			}
			after = row.Rev
		}
		d.state.Cursors[myna.Directory()] = max(after, page.Head)
		d.mu.Unlock()
		if !page.More || len(page.Rows) == 0 {
			return nil
		}
	}
}

func (d *Device) loadRoom(ctx context.Context, followed wire.FollowedRoom) error {
	id := followed.Room.ID
	room := &Room{
		Room: followed.Room, Membership: followed.Membership,
		Messages: map[int64]wire.Message{}, Members: map[myna.UserID]wire.Member{},
	}
	var people wire.Members
	if err := d.get(ctx, roomPath(id, "/members"), nil, &people); err != nil {
		return fmt.Errorf("load the members of %s: %w", id, err)
	}
	for _, member := range people.Members {
		room.Members[member.User] = member
	}
	var page wire.Page
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if err := d.get(ctx, roomPath(id, "/messages"), query, &page); err != nil {
		return fmt.Errorf("load %s: %w", id, err)
	}
	for _, m := range page.Messages {
		room.put(m)
	}
	room.LastSeq = page.LastSeq
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.Rooms[id] = room
	// What changed between the answers is fetched: the cursor is the oldest one's.
	d.state.Cursors[id.Scope()] = min(followed.Head, people.Head, page.Head)
	d.hear(id.Scope(), page.Head)
	d.happened()
	return nil
}

// compare learns from heads which scopes are behind; d.mu is held.
func (d *Device) compare(heads map[myna.Scope]int64) {
	for scope, head := range heads {
		if cursor, known := d.state.Cursors[scope]; known && head > cursor {
			d.hear(scope, head)
		} else if !known && scope.Kind == myna.RoomKindScope {
			go d.meet(myna.RoomID(scope.ID))
		}
	}
}

// meet loads a room that the device did not know.
func (d *Device) meet(id myna.RoomID) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	var followed wire.FollowedRoom
	err := d.get(ctx, roomPath(id, ""), nil, &followed)
	if err == nil {
		err = d.loadRoom(ctx, followed)
	}
	var refusal *Refusal
	if err != nil && (!errors.As(err, &refusal) || refusal.Status != http.StatusNotFound) {
		d.fail(fmt.Errorf("meet room %s: %w", id, err))
	}
}

// hear notes that a scope stands at rev and fetches what lies between; d.mu is held.
func (d *Device) hear(scope myna.Scope, rev int64) {
	d.wanted[scope] = max(d.wanted[scope], rev)
	cursor, known := d.state.Cursors[scope]
	if !known || d.wanted[scope] <= cursor || d.asking[scope] != 0 || d.conn == nil {
		return
	}
	d.lastRef++
	d.asking[scope] = d.lastRef
	d.send(wire.Fetch{Type: wire.FrameFetch, Ref: d.lastRef, Scope: scope, After: cursor})
}

// send writes a frame; d.mu is held. A failure shows up in the reading goroutine.
func (d *Device) send(frame any) {
	text, err := json.Marshal(frame)
	if err != nil || d.conn == nil {
		return
	}
	conn := d.conn
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	_ = conn.Write(ctx, websocket.MessageText, text)
}

func (d *Device) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = err
	d.happened()
}

// read handles frames until the connection ends.
func (d *Device) read(conn *websocket.Conn, done chan struct{}) {
	defer close(done)
	for {
		_, text, err := conn.Read(context.Background())
		if err == nil {
			err = d.handle(text)
			if err != nil {
				_ = conn.CloseNow()
			}
		}
		if err != nil {
			d.mu.Lock()
			d.closed = websocket.CloseStatus(err)
			if d.conn == conn {
				d.conn = nil
				if d.closed == -1 {
					d.trouble = err
				}
			}
			d.happened()
			d.mu.Unlock()
			return
		}
	}
}

// handle applies one frame.
func (d *Device) handle(text []byte) error {
	var frame struct {
		Type     string               `json:"type"`
		Ref      int64                `json:"ref"`
		Nonce    myna.Nonce           `json:"nonce"`
		Rows     []change             `json:"rows"`
		Head     int64                `json:"head"`
		More     bool                 `json:"more"`
		Reset    bool                 `json:"reset"`
		Heads    map[myna.Scope]int64 `json:"heads"`
		Error    wire.ErrorBody       `json:"error"`
		Room     myna.RoomID          `json:"room"`
		User     myna.UserID          `json:"user"`
		Presence []wire.Presence      `json:"presence"`
		change
	}
	if err := json.Unmarshal(text, &frame); err != nil {
		return fmt.Errorf("frame %q: %w", text, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.happened()
	switch frame.Type {
	case wire.FrameChange:
		return d.live(frame.change)
	case wire.FrameChanges:
		return d.fetched(frame.Ref, frame.Scope, frame.Rows, frame.Head, frame.More, frame.Reset)
	case wire.FrameAck:
		var ack wire.Ack
		if err := json.Unmarshal(text, &ack); err != nil {
			return err
		}
		d.answers[ack.Nonce] = answer{ack: ack}
	case wire.FrameError:
		d.refused(frame.Nonce, frame.Ref, frame.Error)
	case wire.FrameResync:
		d.state.Resyncs++
		d.compare(frame.Heads)
	case wire.FrameSignal:
		if frame.Room != 0 {
			d.state.Typing[Place{Room: frame.Room, User: frame.User}] = time.Now()
		}
		for _, p := range frame.Presence {
			d.state.Presence[p.User] = p.State
		}
	case wire.FrameDrain:
		d.state.Drained = true
	case wire.FramePong:
		d.pongs++
	default:
		return fmt.Errorf("frame of the unknown type %q", frame.Type)
	}
	return nil
}

// live applies a change by the rule of cursors; d.mu is held.
func (d *Device) live(c change) error {
	cursor, known := d.state.Cursors[c.Scope]
	switch {
	case !known: // the room is being loaded: what was loaded may be older than this
		d.wanted[c.Scope] = max(d.wanted[c.Scope], c.Rev)
		return nil
	case c.Rev <= cursor:
		return nil
	case c.Rev > cursor+1 || d.asking[c.Scope] != 0:
		d.hear(c.Scope, c.Rev)
		return nil
	}
	return d.advance(c.Scope, c)
}

// advance applies a change and moves the cursor; d.mu is held.
func (d *Device) advance(scope myna.Scope, c change) error {
	if err := d.state.apply(c); err != nil {
		return err
	}
	if _, still := d.state.Cursors[scope]; still {
		d.state.Cursors[scope] = c.Rev
	}
	if c.Kind == myna.KindMembership {
		row, err := decode[wire.Membership](c)
		if err != nil {
			return err
		}
		if !row.Left && d.state.Rooms[row.Room] == nil {
			go d.meet(row.Room)
		}
	}
	return nil
}

// fetched applies the answer to a fetch; d.mu is held.
func (d *Device) fetched(ref int64, scope myna.Scope, rows []change, head int64, more, reset bool) error {
	if d.asking[scope] != ref {
		return nil
	}
	delete(d.asking, scope)
	if reset {
		if scope.Kind == myna.RoomKindScope {
			delete(d.state.Rooms, myna.RoomID(scope.ID))
			delete(d.state.Cursors, scope)
			go d.meet(myna.RoomID(scope.ID))
			return nil
		}
		return fmt.Errorf("%s was reset, which these tests do not expect", scope)
	}
	for _, row := range rows {
		if row.Rev <= d.state.Cursors[scope] {
			return fmt.Errorf("fetched %s at rev %d, below the cursor", scope, row.Rev)
		}
		if err := d.advance(scope, row); err != nil {
			return err
		}
	}
	if _, still := d.state.Cursors[scope]; still && !more {
		d.state.Cursors[scope] = max(d.state.Cursors[scope], head)
	}
	d.hear(scope, head)
	return nil
}

// refused notes an error frame; d.mu is held.
func (d *Device) refused(nonce myna.Nonce, ref int64, body wire.ErrorBody) {
	if nonce != (myna.Nonce{}) {
		d.answers[nonce] = answer{err: &body}
		return
	}
	for scope, asked := range d.asking {
		if ref != 0 && asked == ref {
			delete(d.asking, scope)
		}
	}
	d.errors = append(d.errors, body)
}
