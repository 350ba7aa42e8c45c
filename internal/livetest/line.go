package livetest

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func (l *line) send(frame any) {
	b, err := json.Marshal(frame)
	if err != nil {
		panic(err) // the test's own types
	}
	select {
	case l.queue <- b:
	default: // far behind: a lost frame is a gap
	}
}

// empty drops what is queued, answers included.
func (l *line) empty() {
	for {
		select {
		case <-l.queue:
		default:
			return
		}
	}
}

func (l *line) write(r *http.Request) {
	for b := range l.queue {
		if l.ws.Write(r.Context(), websocket.MessageText, b) != nil {
			_ = l.ws.CloseNow()
		}
	}
}

// cut ends a line, half of the time inside a frame.
func (s *Server) cut(l *line) {
	if s.chance(0.5) {
		go func() {
			w, err := l.ws.Writer(context.Background(), websocket.MessageText)
			if err == nil {
				_, _ = w.Write([]byte(`{"type":"change","sco`))
			}
			_ = l.ws.CloseNow()
		}()
		return
	}
	_ = l.ws.CloseNow()
}

func (s *Server) take(l *line, b []byte) {
	var f struct {
		Type  string
		Nonce myna.Nonce
		Room  myna.RoomID
		Text  string
		Ref   int64
		Scope myna.Scope
		After int64
	}
	if json.Unmarshal(b, &f) != nil {
		_ = l.ws.CloseNow()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lines[l] {
		return
	}
	switch f.Type {
	case wire.FramePost:
		s.post(l, wire.Post{Nonce: f.Nonce, Room: f.Room, Text: f.Text})
	case wire.FrameFetch:
		s.fetch(l, wire.Fetch{Ref: f.Ref, Scope: f.Scope, After: f.After})
	}
}

func (s *Server) post(l *line, p wire.Post) {
	r := s.rooms[p.Room]
	if r == nil || !r.members[l.user] {
		l.send(wire.ErrorFrame{Type: wire.FrameError, Nonce: p.Nonce, Error: wire.ErrorBody{Code: myna.CodeNotFound, Message: "no such room"}})
		return
	}
	key := l.user.String() + p.Nonce.String()
	ack, known := r.nonces[key]
	if !known || s.chance(s.Faults.Double) {
		ack = s.store(l, r, p)
		r.nonces[key] = ack
	}
	switch {
	case s.chance(s.Faults.Silent):
	case s.chance(s.Faults.Lie):
		l.send(wire.ErrorFrame{Type: wire.FrameError, Nonce: p.Nonce, Error: wire.ErrorBody{Code: myna.CodeOverloaded, Message: "later"}})
	default:
		if s.chance(s.Faults.WrongAck) {
			ack.Seq++
		}
		l.send(ack)
	}
}

func (s *Server) store(l *line, r *room, p wire.Post) wire.Ack {
	n := int64(len(r.rows)) + 1
	m := wire.Message{Room: p.Room, Seq: n, Rev: n, Author: l.user, Nonce: p.Nonce, Text: p.Text, CreatedAt: myna.TimeOf(time.Now())}
	r.rows = append(r.rows, m)
	for other := range s.lines {
		if r.members[other.user] {
			s.deliver(other, wire.Change{Type: wire.FrameChange, Scope: p.Room.Scope(), Rev: n, Kind: myna.KindMessage, Row: m})
		}
	}
	return wire.Ack{Type: wire.FrameAck, Nonce: p.Nonce, Room: p.Room, Seq: n, Rev: n, CreatedAt: m.CreatedAt}
}

func (s *Server) deliver(l *line, c wire.Change) {
	f := s.Faults
	switch {
	case s.chance(f.Drop):
	case s.chance(f.Cut):
		s.cut(l)
	case s.chance(f.Resync):
		l.empty()
		l.send(wire.Resync{Type: wire.FrameResync, Heads: s.heads(l.user)})
	case s.chance(f.Lose):
		m := c.Row.(wire.Message)
		m.Seq++ // the row says that one is missing although its rev is the next
		c.Row = m
		l.send(c)
	case l.held.Row == nil && s.chance(f.Disorder):
		l.held = c
	default:
		if l.held.Row != nil && l.held.Scope == c.Scope {
			l.held.Row, c.Row = c.Row, l.held.Row
			l.send(l.held)
			l.held.Row = nil
		}
		l.send(c)
		if s.chance(f.Repeat) {
			l.send(c)
		}
	}
}

func (s *Server) fetch(l *line, f wire.Fetch) {
	answer := wire.Changes{Type: wire.FrameChanges, Ref: f.Ref, Scope: f.Scope, Rows: []wire.Change{}}
	if f.Scope.Kind == myna.RoomKindScope {
		r := s.rooms[myna.RoomID(f.Scope.ID)]
		answer.Head = int64(len(r.rows))
		if s.Behind > 0 && answer.Head-f.After > s.Behind {
			answer.Reset = true
		}
		for rev := f.After + 1; rev <= answer.Head && !answer.Reset; rev++ {
			if len(answer.Rows) == myna.MaxPageSize {
				answer.More = true
				break
			}
			answer.Rows = append(answer.Rows, wire.Change{
				Type: wire.FrameChange, Scope: f.Scope, Rev: rev, Kind: myna.KindMessage, Row: r.rows[rev-1],
			})
		}
	}
	l.send(answer)
}
