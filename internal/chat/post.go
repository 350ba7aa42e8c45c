package chat

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/text"
)

// Post says something and waits until it is stored.
func (c *Chat) Post(ctx context.Context, p myna.Principal, in PostInput) (Posted, error) {
	type answer struct {
		posted Posted
		err    error
	}
	answered := make(chan answer, 1)
	c.PostAsync(ctx, p, in, func(posted Posted, err error) { answered <- answer{posted, err} })
	select {
	case a := <-answered:
		return a.posted, a.err
	case <-ctx.Done():
		return Posted{}, ctx.Err()
	}
}

// PostAsync says something and returns as soon as it is queued; done is called exactly once, after the
// commit or at once with an error. Messages of one caller keep their order.
func (c *Chat) PostAsync(ctx context.Context, p myna.Principal, in PostInput, done func(Posted, error)) {
	op, err := c.newPost(ctx, p, in)
	if err != nil {
		done(Posted{}, err)
		return
	}
	c.journal.Submit(op, func(err error) {
		if err != nil {
			done(Posted{}, err)
			return
		}
		done(Posted(op.Answer), nil)
	})
}

func (c *Chat) newPost(ctx context.Context, p myna.Principal, in PostInput) (*journal.Post, error) {
	if in.Nonce == (myna.Nonce{}) {
		return nil, myna.Errorf(myna.Invalid, myna.CodeBadNonce, "a message needs a nonce: a ULID that is the same when it is sent again").In("nonce")
	}
	if err := checkText(in.Text); err != nil {
		return nil, err
	}
	named, err := c.named(ctx, in.Text)
	if err != nil {
		return nil, err
	}
	return &journal.Post{Principal: p, Room: in.Room, Nonce: in.Nonce, Text: in.Text, Named: named}, nil
}

// checkText says whether a message can be kept as it is.
func checkText(message string) error {
	switch {
	case len(message) > myna.MaxMessageBytes:
		return myna.Errorf(myna.Invalid, myna.CodeTooLong, "the message has %d bytes, the most is %d: shorten it or send it in parts", len(message), myna.MaxMessageBytes).In("text")
	case !utf8.ValidString(message):
		return myna.Errorf(myna.Invalid, myna.CodeBadText, "the message is not valid UTF-8").In("text")
	case strings.ContainsRune(message, 0):
		return myna.Errorf(myna.Invalid, myna.CodeBadText, "the message contains a NUL character").In("text")
	case strings.TrimSpace(message) == "":
		return myna.Errorf(myna.Invalid, myna.CodeEmpty, "the message is empty").In("text")
	}
	return nil
}

// maxNames bounds the names looked up for one message. Where words are not parted by spaces a place has up
// to 32 that could be meant, and 50 places would be 25 queries; this is 4, and far more than a message that
// is meant to be read can have.
const maxNames = 256

// candidates folds the names that may be meant at each place, the longest first, and takes the first
// maxNames of them. What is left out is left out from the end: of a place that is cut the shortest names,
// and then whole places. So nobody is taken to be named by the beginning of a longer name that exists.
func candidates(places [][]string) (kept [][]string, keys []string) {
	asked := map[string]bool{}
	for _, names := range places {
		var folded []string
		for _, name := range names {
			key := text.Fold(name)
			if !asked[key] {
				if len(keys) == maxNames {
					return append(kept, folded), keys
				}
				asked[key] = true
				keys = append(keys, key)
			}
			folded = append(folded, key)
		}
		kept = append(kept, folded)
	}
	return kept, keys
}

// named finds the people a message names: at each place the longest name that exists.
func (c *Chat) named(ctx context.Context, message string) ([]myna.UserID, error) {
	if !strings.Contains(message, "@") {
		return nil, nil
	}
	places, keys := candidates(text.Mentions(message, myna.MaxMentions))
	found, err := c.store.UsersByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	var people []myna.UserID
	seen := map[myna.UserID]bool{}
	for _, names := range places {
		for _, name := range names {
			user, exists := found[name]
			if !exists {
				continue
			}
			if !seen[user] {
				seen[user] = true
				people = append(people, user)
			}
			break
		}
	}
	return people, nil
}

// Edit replaces the text of the asker's own message.
func (c *Chat) Edit(ctx context.Context, p myna.Principal, room myna.RoomID, seq int64, message string) (myna.Message, error) {
	if err := checkText(message); err != nil {
		return myna.Message{}, err
	}
	named, err := c.named(ctx, message)
	if err != nil {
		return myna.Message{}, err
	}
	op := &journal.Edit{Principal: p, Room: room, Seq: seq, Text: message, Named: named}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Message{}, err
	}
	return op.Message, nil
}

// Delete takes a message's content away for good.
func (c *Chat) Delete(ctx context.Context, p myna.Principal, room myna.RoomID, seq int64) (myna.Message, error) {
	op := &journal.Delete{Principal: p, Room: room, Seq: seq}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Message{}, err
	}
	return op.Message, nil
}

// Message reads one message.
func (c *Chat) Message(ctx context.Context, p myna.Principal, room myna.RoomID, seq int64) (myna.Message, error) {
	return c.store.Message(ctx, p.User, room, seq)
}

// History reads a page of a room's messages; Limit 0 means myna.PageSize.
func (c *Chat) History(ctx context.Context, p myna.Principal, room myna.RoomID, q HistoryQuery) (Page, error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return Page{}, err
	}
	given := 0
	for _, cursor := range []int64{q.Before, q.After, q.Around} {
		if cursor < 0 {
			return Page{}, myna.Errorf(myna.Invalid, myna.CodeBadCursor, "a place in history is a positive number, not %d", cursor)
		}
		if cursor > 0 {
			given++
		}
	}
	if given > 1 {
		return Page{}, myna.Errorf(myna.Invalid, myna.CodeBadCursor, "give only one of before, after and around")
	}
	q.Limit = limit
	return c.store.History(ctx, p.User, room, q)
}

func pageLimit(limit int) (int, error) {
	switch {
	case limit == 0:
		return myna.PageSize, nil
	case limit < 0 || limit > myna.MaxPageSize:
		return 0, myna.Errorf(myna.Invalid, myna.CodeBadValue, "a page has 1 to %d rows, not %d", myna.MaxPageSize, limit).In("limit")
	}
	return limit, nil
}

// Counts computes what the asker has not read in a room.
func (c *Chat) Counts(ctx context.Context, p myna.Principal, room myna.RoomID) (myna.Counts, error) {
	return c.store.Counts(ctx, p.User, room)
}

// MarkRead moves the asker's read mark forward to seq, or with unread to just before it.
func (c *Chat) MarkRead(ctx context.Context, p myna.Principal, room myna.RoomID, seq int64, unread bool) (myna.Membership, error) {
	if seq < 0 || unread && seq == 0 {
		return myna.Membership{}, myna.Errorf(myna.Invalid, myna.CodeBadCursor, "a message's place is a positive number, not %d", seq).In("seq")
	}
	op := &journal.Read{Principal: p, Room: room, Seq: seq, Unread: unread}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Membership{}, err
	}
	return op.Membership, nil
}
