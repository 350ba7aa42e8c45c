// Package livetest is a small server for tests of clients: rooms in memory, the frames of package wire
// on /api/v1/live, history and the bulk route over REST, and on demand the misbehaviour a client must
// survive (frames lost, doubled, lines cut inside a frame) or a checker must find (messages lost, doubled
// or out of order, acks that lie). The real server's rules stand in docs/protocol.md; this one has no
// rights, no storage and no limits.
package livetest

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// Faults are what goes wrong, each with a chance between 0 and 1. The first group a client must mend,
// the second is what a checker must find.
type Faults struct {
	Drop   float64 // a change is not sent: the client finds a gap
	Repeat float64 // a change is sent twice
	Cut    float64 // the line is cut, half of the time inside the frame
	Resync float64 // the change is replaced by a resync with the heads

	Lose     float64 // for one listener a message is left out, and the next takes its rev
	Double   float64 // a message with a known nonce is stored again
	Disorder float64 // for one listener two messages of a room change places
	WrongAck float64 // the ack names another seq
	Lie      float64 // a post is refused and stored all the same
	Silent   float64 // a post is stored and not answered
}

// Server is the fake. Change Faults only before clients come.
type Server struct {
	*httptest.Server
	Faults Faults
	Behind int64 // a fetch from further back is answered with reset; 0: never

	mu     sync.Mutex
	rng    *rand.Rand
	people map[string]myna.UserID // by token
	rooms  map[myna.RoomID]*room
	lines  map[*line]bool
	nextID int64
}

type room struct {
	members map[myna.UserID]bool
	rows    []wire.Message // by rev-1
	nonces  map[string]wire.Ack
}

// line is one WebSocket; frames are queued so that a slow one holds nobody up.
type line struct {
	ws    *websocket.Conn
	user  myna.UserID
	queue chan []byte
	held  wire.Change // waits to be sent after its successor
}

// New starts a server that ends with the test.
func New(t testing.TB, f Faults, seed uint64) *Server {
	s := &Server{
		Faults: f, rng: rand.New(rand.NewPCG(seed, 1)), people: map[string]myna.UserID{},
		rooms: map[myna.RoomID]*room{}, lines: map[*line]bool{}, nextID: 1 << 40,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/live", s.live)
	mux.HandleFunc("POST /api/v1/load", s.load)
	mux.HandleFunc("GET /api/v1/rooms/{room}/messages", s.history)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.end)
	return s
}

func (s *Server) end() {
	s.CutAll()
	s.Server.Close()
}

// CutAll drops every line at once.
func (s *Server) CutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.lines {
		_ = l.ws.CloseNow()
	}
}

// Beacon tells every line where its scopes stand.
func (s *Server) Beacon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.lines {
		l.send(wire.Resync{Type: wire.FrameResync, Heads: s.heads(l.user)})
	}
}

// Room makes a room and people in it, and gives their tokens.
func (s *Server) Room(people int) (id myna.RoomID, tokens []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, r := s.newRoom()
	for range people {
		user, token := s.newUser()
		r.members[user] = true
		tokens = append(tokens, token)
	}
	return id, tokens
}

func (s *Server) newRoom() (myna.RoomID, *room) {
	s.nextID++
	id := myna.RoomID(s.nextID)
	s.rooms[id] = &room{members: map[myna.UserID]bool{}, nonces: map[string]wire.Ack{}}
	return id, s.rooms[id]
}

func (s *Server) newUser() (myna.UserID, string) {
	s.nextID++
	user := myna.UserID(s.nextID)
	token := "myna_s_" + user.String()
	s.people[token] = user
	return user, token
}

// Messages gives a room's history.
func (s *Server) Messages(id myna.RoomID) []wire.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]wire.Message(nil), s.rooms[id].rows...)
}

func (s *Server) chance(p float64) bool { return p > 0 && s.rng.Float64() < p }

func (s *Server) load(w http.ResponseWriter, r *http.Request) {
	var in wire.CreateLoad
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Check() != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out wire.LoadMade
	for range in.Users {
		user, token := s.newUser()
		out.Users = append(out.Users, wire.LoadUser{ID: user, Token: token})
	}
	for _, g := range in.Rooms {
		for k := range g.Count {
			id, room := s.newRoom()
			seats := g.Seats(k, in.Users)
			for _, i := range seats {
				room.members[out.Users[i].ID] = true
			}
			out.Rooms = append(out.Rooms, wire.LoadRoom{ID: id, Members: seats})
		}
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	id, _ := myna.ParseRoomID(r.PathValue("room"))
	after, _ := strconv.Atoi(r.FormValue("after"))
	s.mu.Lock()
	defer s.mu.Unlock()
	room := s.rooms[id]
	if room == nil || !room.members[s.people[bearer(r)]] {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	end := min(after+myna.MaxPageSize, len(room.rows))
	page := wire.Page{Messages: room.rows[after:end], Head: int64(len(room.rows)), LastSeq: int64(len(room.rows)), Newer: end < len(room.rows)}
	_ = json.NewEncoder(w).Encode(page)
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	user, ok := s.people[bearer(r)]
	s.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]wire.ErrorBody{"error": {Code: myna.CodeNoSession, Message: "no session"}})
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	l := &line{ws: ws, user: user, queue: make(chan []byte, 1<<14)}
	s.mu.Lock()
	s.lines[l] = true
	l.send(wire.Ready{Type: wire.FrameReady, User: user, Session: 1, Version: "test", Now: myna.TimeOf(time.Now()), Heads: s.heads(user)})
	s.mu.Unlock()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { l.write(r) })
	for {
		_, b, err := ws.Read(r.Context())
		if err != nil {
			break
		}
		s.take(l, b)
	}
	s.mu.Lock()
	delete(s.lines, l)
	close(l.queue)
	s.mu.Unlock()
}

func (s *Server) heads(user myna.UserID) map[myna.Scope]int64 {
	heads := map[myna.Scope]int64{myna.Directory(): 1, user.Scope(): 0}
	for id, r := range s.rooms {
		if r.members[user] {
			heads[id.Scope()] = int64(len(r.rows))
		}
	}
	return heads
}
