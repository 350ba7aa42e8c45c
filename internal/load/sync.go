package load

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/myna-chat/myna/client"
	"github.com/myna-chat/myna/wire"
)

// This file is what a device does with what comes: the cursor rule of docs/protocol.md.

const historyWait = 20 * time.Second // for a page of history behind a reset

// scopeOf finds what a device knows of a scope.
func (f *fleet) scopeOf(c *conn, scope []byte) *follow {
	for i := range c.follows {
		if c.follows[i].scope == string(scope) {
			return &c.follows[i]
		}
	}
	return nil
}

func (f *fleet) newFollow(c *conn, scope string) *follow {
	index, known := f.roomOf[scope]
	if !known {
		index = -1
	}
	c.follows = append(c.follows, follow{journal: journal{scope: scope, room: index}})
	return &c.follows[len(c.follows)-1]
}

// changeIn applies a live row: the next one is taken, an old one ignored, a gap fetched.
func (f *fleet) changeIn(c *conn, b []byte, now time.Duration) {
	ch, ok := scanChange(b)
	if !ok {
		f.fault(FaultProtocol, "connection %d: unreadable change %.120q", c.index, b)
		return
	}
	if f.sample++; f.sample%sampleEvery == 0 && !sameChange(b, ch, f.textLen) {
		f.fault(FaultProtocol, "connection %d: a full decode disagrees: %.200q", c.index, b)
	}
	fo := f.scopeOf(c, ch.scope)
	if fo == nil {
		fo = f.newFollow(c, string(ch.scope))
		if fo.room < 0 {
			fo.cursor = ch.rev - 1 // somebody else's room: only follow along
		}
	}
	switch {
	case ch.rev == fo.cursor+1:
		fo.cursor = ch.rev
		f.rowIn(fo, ch, now, true)
	case ch.rev <= fo.cursor:
		f.tally.Repeats++
		if !c.repaired {
			f.fault(FaultDoubled, "%s: rev %d came again after rev %d", fo.scope, ch.rev, fo.cursor)
		}
	default:
		if !fo.fetching {
			f.tally.Gaps++
		}
		fo.wanted = max(fo.wanted, ch.rev)
		f.fetch(c, fo)
	}
}

// rowIn takes a row that is next in line; live rows count for the latency.
func (f *fleet) rowIn(fo *follow, ch change, now time.Duration, live bool) {
	if !ch.message || fo.room < 0 {
		return
	}
	due := f.deliver(&fo.journal, numberOf(ch.nonce, f.salt), ch.seq, ch.rev)
	if live {
		f.tally.Deliveries++
		if due >= 0 {
			f.latency.record(now - time.Duration(due))
		}
		return
	}
	f.tally.Fetched++
}

// fetch asks for what lies behind the cursor, one question at a time.
func (f *fleet) fetch(c *conn, fo *follow) {
	if fo.fetching || fo.wanted <= fo.cursor {
		return
	}
	f.refs++
	fo.fetching, fo.ref, c.repaired = true, f.refs, true
	b := append(f.body[:0], `{"type":"`+wire.FrameFetch+`","ref":`...)
	b = strconv.AppendInt(b, fo.ref, 10)
	b = append(b, `,"scope":"`...)
	b = append(b, fo.scope...)
	b = append(b, `","after":`...)
	b = strconv.AppendInt(b, fo.cursor, 10)
	b = append(b, '}')
	f.body = b
	f.write(c, opText, b)
}

// headsIn serves ready and resync: what lies between the cursors and the heads is fetched. On a
// device's first connection the heads are where it begins, as after GET /api/v1/sync, except for the
// run's rooms, whose history it holds from the first message on.
func (f *fleet) headsIn(c *conn, b []byte) {
	var r struct {
		Type  string
		Heads map[string]int64
	}
	if err := json.Unmarshal(b, &r); err != nil {
		f.fault(FaultProtocol, "connection %d: unreadable heads: %v", c.index, err)
		return
	}
	first := len(c.follows) == 0
	if r.Type == wire.FrameResync {
		f.tally.Resyncs++
		f.askAgain(c)
	}
	for scope, head := range r.Heads {
		fo := f.scopeOf(c, []byte(scope))
		if fo == nil {
			fo = f.newFollow(c, scope)
			if first && fo.room >= 0 {
				fo.seq, fo.cursor = f.begin(fo.room, head), head
			} else if fo.room < 0 {
				fo.cursor = head
			}
		}
		fo.wanted = max(fo.wanted, head)
	}
	c.greeted, c.attempts = true, 0
	for i := range c.follows {
		f.fetch(c, &c.follows[i])
		if c.state == stateClosed {
			return
		}
	}
}

// askAgain follows a resync: answers that stood in the dropped queue are lost, so fetches begin anew and
// posts without an answer are sent again with their nonce.
func (f *fleet) askAgain(c *conn) {
	c.repaired = true
	for i := range c.follows {
		c.follows[i].fetching = false
	}
	if len(c.pending) == 0 {
		return
	}
	if c.late == nil {
		c.late = map[int64]int{}
	}
	tries := c.pending
	c.pending = nil
	for i, number := range tries {
		c.late[number]++
		f.abandon(number)
		if slices.Index(tries, number) == i {
			f.again(c, number)
		}
	}
}

// begin says which seq stands at a head: a device that joins the run late starts from there. Messages
// are a room's only changes while the run lasts.
func (f *fleet) begin(room int32, head int64) int64 {
	r := &f.rooms[room]
	for seq := len(r.at) - 1; seq > 0; seq-- {
		if n := r.at[seq]; n != 0 && f.messages[n].rev <= head {
			return int64(seq)
		}
	}
	return 0
}

// changesIn applies the answer to a fetch.
func (f *fleet) changesIn(c *conn, b []byte, now time.Duration) {
	answer, ok := scanChanges(b)
	fo := f.scopeOf(c, []byte(answer.Scope))
	if !ok || fo == nil || answer.Ref <= 0 || answer.Ref > f.refs {
		f.fault(FaultProtocol, "connection %d: unasked or unreadable changes %.120q", c.index, b)
		return
	}
	if !fo.fetching || answer.Ref != fo.ref {
		return // asked before a resync
	}
	fo.fetching = false
	if answer.Reset {
		f.tally.Resets++
		f.catchUp(c, fo, answer.Head)
		f.fetch(c, fo)
		return
	}
	for _, row := range answer.Rows {
		ch, ok := scanChange(row)
		if !ok {
			f.fault(FaultProtocol, "connection %d: unreadable row %.120q", c.index, row)
			continue
		}
		if ch.rev <= fo.cursor {
			continue // came live while the answer was on its way
		}
		fo.cursor = ch.rev
		f.rowIn(fo, ch, now, false)
	}
	if !answer.More {
		fo.cursor = max(fo.cursor, answer.Head)
	}
	fo.wanted = max(fo.wanted, answer.Head)
	f.fetch(c, fo)
}

// catchUp does what a device does that was too far behind: it loads the room's history. All devices of
// a room see the same pages, so each page is asked for once.
func (f *fleet) catchUp(c *conn, fo *follow, head int64) {
	if fo.room < 0 {
		fo.cursor = max(fo.cursor, head)
		return
	}
	pages := f.history(fo.room)
	for pages.head < head {
		more, err := f.loadPage(c, fo.room, pages)
		if err != nil {
			f.fault(FaultProtocol, "%s: load the history after seq %d: %v", fo.scope, len(pages.numbers), err)
			return
		}
		if !more && pages.head < head {
			f.fault(FaultLost, "%s: history ends at rev %d, the head was %d", fo.scope, pages.head, head)
			return
		}
	}
	for seq := fo.seq + 1; seq <= int64(len(pages.numbers)); seq++ {
		f.deliver(&fo.journal, pages.numbers[seq-1], seq, pages.revs[seq-1])
		f.tally.Fetched++
	}
	fo.cursor = max(fo.cursor, pages.head)
}

// pages is a room's history as loaded over REST: message number and rev by seq, from 1.
type pages struct {
	numbers, revs []int64
	head          int64
}

func (f *fleet) history(room int32) *pages {
	for int(room) >= len(f.loaded) {
		f.loaded = append(f.loaded, &pages{})
	}
	return f.loaded[room]
}

func (f *fleet) loadPage(c *conn, room int32, p *pages) (more bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), historyWait)
	defer cancel()
	after := int64(len(p.numbers))
	page, err := f.api.As(c.token).Messages(ctx, f.rooms[room].id, client.MessagesQuery{After: &after, Limit: 200})
	if err != nil {
		return false, err
	}
	slices.SortFunc(page.Messages, func(a, b wire.Message) int { return int(a.Seq - b.Seq) })
	for _, m := range page.Messages {
		if m.Seq != int64(len(p.numbers))+1 {
			f.fault(FaultLost, "%s: history has seq %d after seq %d", f.rooms[room].name, m.Seq, len(p.numbers))
			return false, nil
		}
		p.numbers = append(p.numbers, numberOf([]byte(m.Nonce.String()), f.salt))
		p.revs = append(p.revs, m.Rev)
	}
	if !page.Newer {
		p.head = max(p.head, page.Head)
	}
	return page.Newer, nil
}

func (f *fleet) ackIn(c *conn, b []byte, now time.Duration) {
	a, ok := scanAck(b)
	number := numberOf(a.nonce, f.salt)
	if !ok || !f.answered(c, number) {
		f.fault(FaultProtocol, "connection %d: an ack nobody waits for: %.160q", c.index, b)
		return
	}
	f.tally.Acks++
	if f.ack(number, string(a.room), a.seq, a.rev) {
		f.tally.Stored++
		f.ackLatency.record(now - time.Duration(f.messages[number].due))
		if f.onAnswer != nil {
			f.onAnswer(c, number, false)
		}
	}
}

func (f *fleet) errorIn(c *conn, b []byte) {
	var e struct {
		Nonce string
		Ref   int64
		Error wire.ErrorBody
	}
	if json.Unmarshal(b, &e) != nil || e.Error.Code == "" {
		f.fault(FaultProtocol, "connection %d: unreadable error %.160q", c.index, b)
		return
	}
	number := numberOf([]byte(e.Nonce), f.salt)
	if !f.answered(c, number) {
		f.fault(FaultProtocol, "connection %d: %s: %s", c.index, e.Error.Code, e.Error.Message)
		return
	}
	f.tally.Refused[e.Error.Code]++
	f.refuse(number)
	if f.onAnswer != nil {
		f.onAnswer(c, number, true)
	}
}

// answered takes one try off the list of those under way.
func (f *fleet) answered(c *conn, number int64) bool {
	switch i := slices.Index(c.pending, number); {
	case i == 0: // answers come in the order of the posts, most often
		c.pending = c.pending[1:]
		return true
	case i > 0:
		c.pending = slices.Delete(c.pending, i, i+1)
		return true
	}
	if c.late[number] > 0 { // the resync overtook this answer
		c.late[number]--
		f.resend(number)
		return true
	}
	return false
}
