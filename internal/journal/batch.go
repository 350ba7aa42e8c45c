package journal

import (
	"context"
	"fmt"
	"slices"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// batch is one transaction under way.
type batch struct {
	tx      *sqldb.Tx
	now     myna.Time
	heads   map[myna.Scope]myna.Head // locked
	moved   map[myna.Scope]myna.Head // of those, what is to be written
	changes []myna.Change
	cache   *roomCache
}

func newBatch(tx *sqldb.Tx, cache *roomCache, now myna.Time) *batch {
	return &batch{tx: tx, now: now, cache: cache, moved: map[myna.Scope]myna.Head{}}
}

func (b *batch) run(ctx context.Context, items []*item) error {
	if err := b.lock(ctx, items); err != nil {
		return err
	}
	for len(items) > 0 {
		n, err := b.step(ctx, items)
		if err != nil {
			return err
		}
		items = items[n:]
	}
	return store.SaveHeads(ctx, b.tx, b.moved)
}

// lock takes the counters of everything the items touch.
func (b *batch) lock(ctx context.Context, items []*item) error {
	var scopes []myna.Scope
	for _, it := range items {
		it.err = nil
		some, err := it.op.scopes(ctx, b.tx)
		if err != nil {
			return err
		}
		scopes = append(scopes, some...)
	}
	slices.SortFunc(scopes, myna.Scope.Compare)
	scopes = slices.Compact(scopes)
	heads, err := store.LockHeads(ctx, b.tx, scopes)
	if err != nil {
		return err
	}
	for _, s := range scopes {
		if _, exists := heads[s]; !exists {
			heads[s] = myna.Head{} // to be made
		}
	}
	b.heads = heads
	b.cache.check(heads)
	return nil
}

// step carries out the first items: a run of posts at once, anything else alone. It returns how many.
func (b *batch) step(ctx context.Context, items []*item) (int, error) {
	n := 0
	for n < len(items) && isPost(items[n].op) {
		n++
	}
	if n > 0 {
		return n, b.posts(ctx, items[:n])
	}
	it := items[0]
	it.err = it.op.apply(ctx, b)
	if it.err != nil && !refusal(it.err) {
		return 0, it.err
	}
	return 1, nil
}

// next gives the rev of the next change in a locked scope.
func (b *batch) next(s myna.Scope) int64 {
	h, locked := b.heads[s]
	if !locked {
		panic(fmt.Sprintf("journal: a change in scope %s, which the operation did not name", s))
	}
	h.Rev++
	b.heads[s], b.moved[s] = h, h
	return h.Rev
}

// nextSeq gives the seq of the next message of a locked room.
func (b *batch) nextSeq(room myna.RoomID) int64 {
	s := room.Scope()
	h := b.heads[s]
	h.Seq++
	b.heads[s], b.moved[s] = h, h
	return h.Seq
}

// changed notes a row that was written with its rev.
func (b *batch) changed(s myna.Scope, rev int64, row myna.Row) {
	b.changes = append(b.changes, myna.Change{Scope: s, Rev: rev, Row: row})
	b.cache.apply(s, row)
}

// remember tells the cache where the scopes stand after the commit.
func (b *batch) remember() {
	for s, h := range b.moved {
		b.cache.stand(s, h.Rev)
	}
}

// place finds a room and somebody's place in it; found is false if there is no such room.
func (b *batch) place(ctx context.Context, p myna.Principal, room myna.RoomID) (*myna.Place, bool, error) {
	r, found, err := b.room(ctx, room)
	if err != nil || !found {
		return nil, false, err
	}
	m, err := b.member(ctx, room, p.User)
	if err != nil {
		return nil, false, err
	}
	return &myna.Place{Room: r, Member: m.active(), Role: m.Role}, true, nil
}

// allow finds the asker's place in a room and refuses what the policy does not let them do there: with
// NotFound if they may not even know of the room.
func (b *batch) allow(ctx context.Context, p myna.Principal, verb myna.Verb, room myna.RoomID) (*myna.Place, error) {
	at, found, err := b.place(ctx, p, room)
	if err != nil {
		return nil, err
	}
	if !found || !myna.Can(p, myna.See, at) {
		return nil, myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such room, or you are not in it")
	}
	if myna.Can(p, verb, at) {
		return at, nil
	}
	switch {
	case !at.Member && verb != myna.Join:
		return nil, myna.Errorf(myna.NotFound, myna.CodeNotFound, "you are not in this room: join it first")
	case at.Room.ArchivedAt != 0:
		return nil, myna.Errorf(myna.Conflict, myna.CodeArchived, "this room is archived: bring it back first")
	}
	return nil, myna.Errorf(myna.Denied, myna.CodeDenied, "you may not do that in this room")
}

func (b *batch) room(ctx context.Context, id myna.RoomID) (myna.Room, bool, error) {
	if r, ok := b.cache.room(id); ok {
		return r, true, nil
	}
	r, found, err := store.RoomByID(ctx, b.tx, id)
	if err == nil && found {
		b.cache.putRoom(r)
	}
	return r, found, err
}

func (b *batch) member(ctx context.Context, room myna.RoomID, user myna.UserID) (place, error) {
	if m, ok := b.cache.member(room, user); ok {
		return m, nil
	}
	m, found, err := store.MemberOf(ctx, b.tx, room, user)
	p := place{Member: m, exists: found}
	if err == nil {
		b.cache.putMember(room, user, p)
	}
	return p, err
}

// place is a member row, or the knowledge that there is none.
type place struct {
	myna.Member
	exists bool
}

func (p place) active() bool { return p.exists && !p.Left }
