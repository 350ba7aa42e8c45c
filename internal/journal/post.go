package journal

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// Post says something in a room.
type Post struct {
	Principal myna.Principal
	Room      myna.RoomID
	Nonce     myna.Nonce
	Text      string
	Named     []myna.UserID // whom the text names; those in the room are mentioned

	Answer store.FirstAnswer // the same for ever for the same author and nonce
}

func isPost(op Op) bool {
	_, ok := op.(*Post)
	return ok
}

func (p *Post) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{p.Room.Scope()}, nil
}

// apply is never reached: posts are carried out by batch.posts, many at once.
func (p *Post) apply(ctx context.Context, b *batch) error {
	it := &item{op: p}
	if err := b.posts(ctx, []*item{it}); err != nil {
		return err
	}
	return it.err
}

func (p *Post) key() store.NonceKey { return store.NonceKey{Author: p.Principal.User, Nonce: p.Nonce} }

// posts carries out a run of posts: known nonces get their first answer again, the others are checked,
// numbered and inserted with few statements.
func (b *batch) posts(ctx context.Context, items []*item) error {
	keys := make([]store.NonceKey, len(items))
	for i, it := range items {
		keys[i] = it.op.(*Post).key()
	}
	known, err := store.AnswersByNonce(ctx, b.tx, keys)
	if err != nil {
		return err
	}
	messages := make([]myna.Message, 0, len(items))
	for i, it := range items {
		p := it.op.(*Post)
		if answer, again := known[keys[i]]; again {
			p.Answer = answer
			continue
		}
		m, err := b.message(ctx, p)
		if it.err = err; err != nil {
			if !refusal(err) {
				return err
			}
			continue
		}
		messages = append(messages, m)
		p.Answer = store.FirstAnswer{Room: m.Room, Seq: m.Seq, Rev: m.Rev, CreatedAt: m.CreatedAt}
		known[keys[i]] = p.Answer
	}
	if err := store.InsertMessages(ctx, b.tx, messages); err != nil {
		return err
	}
	for _, m := range messages {
		b.changed(m.Room.Scope(), m.Rev, m)
	}
	return nil
}

// message checks one post and numbers it.
func (b *batch) message(ctx context.Context, p *Post) (myna.Message, error) {
	if _, err := b.allow(ctx, p.Principal, myna.Post, p.Room); err != nil {
		return myna.Message{}, err
	}
	mentions, err := b.mentioned(ctx, p.Room, p.Named)
	if err != nil {
		return myna.Message{}, err
	}
	return myna.Message{
		Room: p.Room, Seq: b.nextSeq(p.Room), Rev: b.next(p.Room.Scope()), Author: p.Principal.User,
		Nonce: p.Nonce, Text: p.Text, Mentions: mentions, CreatedAt: b.now,
	}, nil
}

// mentioned keeps the named people who are in the room.
func (b *batch) mentioned(ctx context.Context, room myna.RoomID, named []myna.UserID) ([]myna.UserID, error) {
	var in []myna.UserID
	for _, user := range named {
		m, err := b.member(ctx, room, user)
		if err != nil {
			return nil, err
		}
		if m.active() {
			in = append(in, user)
		}
	}
	return in, nil
}

// Edit replaces the text of the asker's own message.
type Edit struct {
	Principal myna.Principal
	Room      myna.RoomID
	Seq       int64
	Text      string
	Named     []myna.UserID

	Message myna.Message // as it is now
}

func (e *Edit) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{e.Room.Scope()}, nil
}

func (e *Edit) apply(ctx context.Context, b *batch) error {
	if _, err := b.allow(ctx, e.Principal, myna.EditOwn, e.Room); err != nil {
		return err
	}
	m, err := b.existing(ctx, e.Room, e.Seq)
	if err != nil {
		return err
	}
	if m.Author != e.Principal.User {
		return myna.Errorf(myna.Denied, myna.CodeDenied, "you can only change your own messages")
	}
	if m.Text == e.Text {
		e.Message = m
		return nil
	}
	old := m
	if m.Mentions, err = b.mentioned(ctx, e.Room, e.Named); err != nil {
		return err
	}
	m.Text, m.EditedAt = e.Text, b.now
	e.Message, err = b.replace(ctx, m, old)
	return err
}

// Delete takes a message's content away for good; its place stays.
type Delete struct {
	Principal myna.Principal
	Room      myna.RoomID
	Seq       int64

	Message myna.Message // the tombstone
}

func (d *Delete) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{d.Room.Scope()}, nil
}

func (d *Delete) apply(ctx context.Context, b *batch) error {
	at, err := b.allow(ctx, d.Principal, myna.Read, d.Room)
	if err != nil {
		return err
	}
	m, found, err := store.MessageByKey(ctx, b.tx, d.Room, d.Seq)
	if err != nil {
		return err
	}
	if !found {
		return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such message")
	}
	verb := myna.DeleteOthers
	if m.Author == d.Principal.User {
		verb = myna.EditOwn
	}
	if !myna.Can(d.Principal, verb, at) {
		return myna.Errorf(myna.Denied, myna.CodeDenied, "you may not delete this message")
	}
	if m.DeletedAt != 0 {
		d.Message = m
		return nil
	}
	old := m
	m.Text, m.Mentions, m.DeletedAt = "", nil, b.now
	d.Message, err = b.replace(ctx, m, old)
	return err
}

func (b *batch) existing(ctx context.Context, room myna.RoomID, seq int64) (myna.Message, error) {
	m, found, err := store.MessageByKey(ctx, b.tx, room, seq)
	if err == nil && (!found || m.DeletedAt != 0) {
		err = myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such message, or it was deleted")
	}
	return m, err
}

func (b *batch) replace(ctx context.Context, m, old myna.Message) (myna.Message, error) {
	m.Rev = b.next(m.Room.Scope())
	if err := store.UpdateMessage(ctx, b.tx, m, old); err != nil {
		return m, err
	}
	b.changed(m.Room.Scope(), m.Rev, m)
	return m, nil
}
