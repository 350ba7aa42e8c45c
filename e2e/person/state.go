package person

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// State is what a device knows. Cursors say how far each scope was applied.
type State struct {
	Me          wire.User
	Session     myna.SessionID
	Settings    wire.Settings
	Preferences wire.Preferences
	Cursors     map[myna.Scope]int64
	Users       map[myna.UserID]wire.User
	Rooms       map[myna.RoomID]*Room
	Drafts      map[myna.RoomID]wire.Draft
	Presence    map[myna.UserID]string
	Typing      map[Place]time.Time
	Drained     bool // the server said that it is about to stop
	Resyncs     int  // how often it said that this device lagged
}

// Place is somebody in a room.
type Place struct {
	Room myna.RoomID
	User myna.UserID
}

// Room is what a device knows of a room it is in.
type Room struct {
	wire.Room
	Membership wire.Membership
	Messages   map[int64]wire.Message
	LastSeq    int64
	Members    map[myna.UserID]wire.Member
}

func newState() State {
	return State{
		Cursors: map[myna.Scope]int64{}, Users: map[myna.UserID]wire.User{}, Rooms: map[myna.RoomID]*Room{},
		Drafts: map[myna.RoomID]wire.Draft{}, Presence: map[myna.UserID]string{}, Typing: map[Place]time.Time{},
	}
}

// change is a wire.Change whose row is not decoded yet.
type change struct {
	Scope myna.Scope      `json:"scope"`
	Rev   int64           `json:"rev"`
	Kind  myna.RowKind    `json:"kind"`
	Row   json.RawMessage `json:"row"`
}

// apply puts a row where it belongs. Applying one twice changes nothing.
func (s *State) apply(c change) error {
	switch c.Kind {
	case myna.KindMessage:
		row, err := decode[wire.Message](c)
		if room := s.Rooms[row.Room]; err == nil && room != nil {
			room.put(row)
		}
		return err
	case myna.KindRoom:
		row, err := decode[wire.Room](c)
		if room := s.Rooms[row.ID]; err == nil && room != nil {
			room.Room = row
		}
		return err
	case myna.KindMember:
		row, err := decode[wire.Member](c)
		if room := s.Rooms[row.Room]; err == nil && room != nil {
			room.Members[row.User] = row
		}
		return err
	case myna.KindMembership:
		row, err := decode[wire.Membership](c)
		if room := s.Rooms[row.Room]; err == nil && room != nil {
			room.Membership = row
		}
		if err == nil && row.Left {
			delete(s.Rooms, row.Room)
			delete(s.Cursors, row.Room.Scope())
		}
		return err
	case myna.KindDraft:
		row, err := decode[wire.Draft](c)
		s.Drafts[row.Room] = row
		return err
	case myna.KindUser:
		row, err := decode[wire.User](c)
		s.Users[row.ID] = row
		return err
	case myna.KindPreferences:
		row, err := decode[wire.Preferences](c)
		s.Preferences = row
		return err
	case myna.KindSettings:
		row, err := decode[wire.Settings](c)
		s.Settings = row
		return err
	}
	return fmt.Errorf("change of the unknown kind %q", c.Kind)
}

func decode[T any](c change) (T, error) {
	var row T
	if err := json.Unmarshal(c.Row, &row); err != nil {
		return row, fmt.Errorf("%s of %s at rev %d: %w", c.Kind, c.Scope, c.Rev, err)
	}
	return row, nil
}

func (r *Room) put(m wire.Message) {
	if known, ok := r.Messages[m.Seq]; ok && known.Rev >= m.Rev {
		return
	}
	r.Messages[m.Seq] = m
	r.LastSeq = max(r.LastSeq, m.Seq)
}

// Find is the newest message with exactly this text.
func (r *Room) Find(text string) (wire.Message, bool) {
	for seq := r.LastSeq; seq > 0; seq-- {
		if m, ok := r.Messages[seq]; ok && m.Text == text && m.DeletedAt.IsZero() {
			return m, true
		}
	}
	return wire.Message{}, false
}

// Texts are the last n messages in order, "✗" for deleted ones and "?" for ones that are missing.
func (r *Room) Texts(n int) []string {
	var texts []string
	for seq := max(1, r.LastSeq-int64(n)+1); seq <= r.LastSeq; seq++ {
		m, ok := r.Messages[seq]
		switch {
		case !ok:
			texts = append(texts, "?")
		case !m.DeletedAt.IsZero():
			texts = append(texts, "✗")
		default:
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// Named is the room of that name the device is in, nil if there is none.
func (s *State) Named(name string) *Room {
	for _, room := range s.Rooms {
		if room.Name == name {
			return room
		}
	}
	return nil
}

// User is the person of that username; the second value says whether the device knows one.
func (s *State) User(username string) (wire.User, bool) {
	for _, user := range s.Users {
		if user.Username == username {
			return user, true
		}
	}
	return wire.User{}, false
}
