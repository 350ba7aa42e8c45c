package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const messageColumns = "m.room_id, m.seq, m.rev, m.author_id, m.nonce, m.body, m.mentions, m.created_at, m.edited_at, m.deleted_at"

func scanMessage(scan scanFunc) (m myna.Message, err error) {
	var nonce []byte
	var mentions string
	err = scan(&m.Room, &m.Seq, &m.Rev, &m.Author, &nonce, &m.Text, &mentions, &m.CreatedAt, &m.EditedAt, &m.DeletedAt)
	copy(m.Nonce[:], nonce)
	m.Mentions = splitMentions(mentions)
	return m, err
}

// joinMentions writes ids the way the mentions column holds them: decimal numbers with spaces between.
func joinMentions(ids []myna.UserID) string {
	if len(ids) == 0 {
		return ""
	}
	b := make([]byte, 0, 20*len(ids))
	for i, id := range ids {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return string(b)
}

func splitMentions(text string) []myna.UserID {
	if text == "" {
		return nil
	}
	var ids []myna.UserID
	for part := range strings.SplitSeq(text, " ") {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil {
			ids = append(ids, myna.UserID(n))
		}
	}
	return ids
}

// NonceKey names one attempt of one author.
type NonceKey struct {
	Author myna.UserID
	Nonce  myna.Nonce
}

// FirstAnswer is what a post was answered when it was new.
type FirstAnswer struct {
	Room      myna.RoomID
	Seq       int64
	Rev       int64
	CreatedAt myna.Time
}

const answersByNonce = "SELECT author_id, nonce, room_id, seq, first_rev, created_at FROM messages WHERE nonce IN "

// AnswersByNonce finds which of the attempts were carried out already, and how they were answered. It
// may give answers to other authors' attempts with the same nonce besides.
func AnswersByNonce(ctx context.Context, q sqldb.Queryer, keys []NonceKey) (map[NonceKey]FirstAnswer, error) {
	known := map[NonceKey]FirstAnswer{}
	err := padded(keys, func(part []NonceKey) error {
		args := make([]any, 0, len(part))
		for i := range part {
			args = append(args, part[i].Nonce[:])
		}
		return each(ctx, q, answersByNonce+sqldb.List(len(part)), args, func(scan scanFunc) error {
			var k NonceKey
			var nonce []byte
			var a FirstAnswer
			if err := scan(&k.Author, &nonce, &a.Room, &a.Seq, &a.Rev, &a.CreatedAt); err != nil {
				return err
			}
			copy(k.Nonce[:], nonce)
			known[k] = a
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d nonces: %w", len(keys), err)
	}
	return known, nil
}

const insertMessages = "INSERT INTO messages (room_id, seq, rev, first_rev, author_id, nonce, body, mentions, created_at, edited_at, deleted_at)"

// InsertMessages adds new messages with the people they mention.
func InsertMessages(ctx context.Context, tx *sqldb.Tx, messages []myna.Message) error {
	const width = 11
	err := chunks(messages, func(part []myna.Message) error {
		args := make([]any, 0, width*len(part))
		for i := range part {
			m := &part[i]
			args = append(args, int64(m.Room), m.Seq, m.Rev, m.Rev, int64(m.Author), m.Nonce[:], m.Text,
				joinMentions(m.Mentions), int64(m.CreatedAt), int64(m.EditedAt), int64(m.DeletedAt))
		}
		_, err := tx.Exec(ctx, insertMessages+" VALUES "+sqldb.Tuples(len(part), width), args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("insert %d messages: %w", len(messages), err)
	}
	return insertMentions(ctx, tx, messages)
}

const insertMentionRows = "INSERT INTO mentions (room_id, user_id, seq)"

// insertMentions adds the rows mentions are counted by. An author who names themself is not counted.
func insertMentions(ctx context.Context, tx *sqldb.Tx, messages []myna.Message) error {
	var rows [][]any
	for i := range messages {
		for _, user := range messages[i].Mentions {
			if user != messages[i].Author {
				rows = append(rows, []any{int64(messages[i].Room), int64(user), messages[i].Seq})
			}
		}
	}
	if err := insertMany(ctx, tx, insertMentionRows, 3, "", rows); err != nil {
		return fmt.Errorf("insert %d mentions: %w", len(rows), err)
	}
	return nil
}

const messageByKey = "SELECT " + messageColumns + " FROM messages m WHERE m.room_id=? AND m.seq=?"

// MessageByKey reads a message for a change to it; found is false if there is none.
func MessageByKey(ctx context.Context, q sqldb.Queryer, room myna.RoomID, seq int64) (myna.Message, bool, error) {
	return one(ctx, q, messageByKey, []any{int64(room), seq}, scanMessage)
}

const (
	updateMessage  = "UPDATE messages SET body=?, mentions=?, edited_at=?, deleted_at=?, rev=? WHERE room_id=? AND seq=?"
	deleteEdit     = "DELETE FROM message_edits WHERE room_id=? AND rev=?"
	insertEdit     = "INSERT INTO message_edits (room_id, rev, seq) VALUES (?, ?, ?)"
	deleteMentions = "DELETE FROM mentions WHERE room_id=? AND user_id=? AND seq=?"
)

// UpdateMessage writes what can change of a message; old is the message as it was.
func UpdateMessage(ctx context.Context, tx *sqldb.Tx, m, old myna.Message) error {
	room := int64(m.Room)
	_, err := tx.Exec(ctx, updateMessage, m.Text, joinMentions(m.Mentions), int64(m.EditedAt), int64(m.DeletedAt), m.Rev, room, m.Seq)
	if err == nil {
		_, err = tx.Exec(ctx, deleteEdit, room, old.Rev) // of its last change, if there was one
	}
	if err == nil {
		_, err = tx.Exec(ctx, insertEdit, room, m.Rev, m.Seq)
	}
	for _, user := range old.Mentions {
		if err == nil {
			_, err = tx.Exec(ctx, deleteMentions, room, int64(user), m.Seq)
		}
	}
	if err != nil {
		return fmt.Errorf("update message: %w", err)
	}
	return insertMentions(ctx, tx, []myna.Message{m})
}

// HistoryQuery says which part of a room's history: at most one of Before, After and Around is not 0;
// none means the newest page.
type HistoryQuery struct {
	Before int64 // messages with a smaller seq, the nearest
	After  int64 // messages with a larger seq, the nearest
	Around int64 // half a page on each side of this seq
	Limit  int
}

// Page is a part of a room's history, in seq order, with where the room stood in the same snapshot.
type Page struct {
	Messages []myna.Message
	Head     myna.Head
	Older    bool // there are messages before the first
	Newer    bool // there are messages after the last
}

const viewerMessages = "SELECT " + messageColumns + ` FROM messages m
	JOIN members v ON v.room_id=m.room_id AND v.user_id=? AND v.has_left=0 WHERE m.room_id=?`

const (
	messagesBefore = viewerMessages + " AND m.seq<? ORDER BY m.seq DESC LIMIT ?"
	messagesAfter  = viewerMessages + " AND m.seq>? ORDER BY m.seq LIMIT ?"
	messageOne     = viewerMessages + " AND m.seq=?"
)

// History reads a page for a viewer who is in the room.
func (s *Store) History(ctx context.Context, viewer myna.UserID, room myna.RoomID, q HistoryQuery) (Page, error) {
	var page Page
	err := s.db.View(ctx, func(tx *sqldb.Tx) error {
		head, err := headFor(ctx, tx, viewer, room)
		if err != nil {
			return err
		}
		page, err = readPage(ctx, tx, viewer, room, head, q)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("history of %s: %w", room, err)
	}
	return page, nil
}

func readPage(ctx context.Context, tx *sqldb.Tx, viewer myna.UserID, room myna.RoomID, head myna.Head, q HistoryQuery) (Page, error) {
	below, above := head.Seq+1, int64(0)
	older, newer := q.Limit, 0
	switch {
	case q.Before > 0:
		below = min(q.Before, below)
	case q.After > 0:
		above, older, newer = q.After, 0, q.Limit
	case q.Around > 0:
		below, above = q.Around+1, q.Around
		newer = q.Limit / 2
		older = q.Limit - newer
	}
	var messages []myna.Message
	if older > 0 {
		part, err := list(ctx, tx, messagesBefore, []any{int64(viewer), int64(room), below, int64(older)}, scanMessage)
		if err != nil {
			return Page{}, err
		}
		slices.Reverse(part)
		messages = part
	}
	if newer > 0 {
		part, err := list(ctx, tx, messagesAfter, []any{int64(viewer), int64(room), above, int64(newer)}, scanMessage)
		if err != nil {
			return Page{}, err
		}
		messages = append(messages, part...)
	}
	page := Page{Messages: messages, Head: head}
	if len(messages) > 0 { // seqs are dense, so the ends tell whether there is more
		page.Older = messages[0].Seq > 1
		page.Newer = messages[len(messages)-1].Seq < head.Seq
	} else {
		page.Older = above > 0 && head.Seq > 0
		page.Newer = below <= head.Seq
	}
	return page, nil
}

// Message reads one message for a viewer who is in the room.
func (s *Store) Message(ctx context.Context, viewer myna.UserID, room myna.RoomID, seq int64) (myna.Message, error) {
	m, found, err := one(ctx, s.db, messageOne, []any{int64(viewer), int64(room), seq}, scanMessage)
	if err == nil && !found {
		err = absent("message")
	}
	if err != nil {
		return m, fmt.Errorf("message %s/%d: %w", room, seq, err)
	}
	return m, nil
}

const (
	countUnread = `SELECT COUNT(*) FROM (SELECT 1 FROM messages m
	JOIN members v ON v.room_id=m.room_id AND v.user_id=? AND v.has_left=0
	WHERE m.room_id=? AND m.seq>? AND m.author_id<>? AND m.deleted_at=0 LIMIT ?) counted`
	countMentions = `SELECT COUNT(*) FROM (SELECT 1 FROM mentions n
	JOIN members v ON v.room_id=n.room_id AND v.user_id=n.user_id AND v.has_left=0
	WHERE n.room_id=? AND n.user_id=? AND n.seq>? LIMIT ?) counted`
)

// unreadSpan is how many of the newest messages are looked at for counting. A person's own and deleted ones
// are not counted, so without it the count of somebody who never marks anything as read, such as a program
// that only posts, would read all they ever said.
const unreadSpan = 10_000

// countsAfter counts what a viewer has not read in a room whose newest message is newest, each up to
// UnreadBound.
func countsAfter(ctx context.Context, q sqldb.Queryer, viewer myna.UserID, room myna.RoomID, readSeq, newest int64) (c myna.Counts, err error) {
	if newest <= readSeq {
		return c, nil
	}
	from := max(readSeq, newest-unreadSpan)
	err = q.QueryRow(ctx, countUnread, int64(viewer), int64(room), from, int64(viewer), int64(myna.UnreadBound)).Scan(&c.Unread)
	if err != nil || c.Unread == 0 {
		return c, err
	}
	err = q.QueryRow(ctx, countMentions, int64(room), int64(viewer), from, int64(myna.UnreadBound)).Scan(&c.Mentions)
	return c, err
}

// Counts computes what a viewer has not read in a room they are in; NotFound for anybody else.
func (s *Store) Counts(ctx context.Context, viewer myna.UserID, room myna.RoomID) (c myna.Counts, err error) {
	err = s.db.View(ctx, func(tx *sqldb.Tx) error {
		head, err := headFor(ctx, tx, viewer, room)
		if err != nil {
			return err
		}
		ms, _, err := MembershipOf(ctx, tx, viewer, room)
		if err == nil {
			c, err = countsAfter(ctx, tx, viewer, room, ms.ReadSeq, head.Seq)
		}
		return err
	})
	if err != nil {
		return myna.Counts{}, fmt.Errorf("counts of %s: %w", room, err)
	}
	return c, nil
}
