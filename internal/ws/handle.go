package ws

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/wire"
)

// maxBad frames that could not be read, and the device is sent away: it does not speak our language.
const maxBad = 10

// work handles what is in the inbox, in order, and ends when it is empty.
func (c *conn) work() {
	defer func() {
		if fault := recover(); fault != nil { // one bad frame must not take the others down
			c.logFault("frame could not be handled", fault)
			if c.inbox.close() {
				c.sock.resume(c)
			}
			c.h.hub.Detach(&c.Session)
			c.End(wire.CloseLost, "")
		}
	}()
	for {
		messages, resume := c.inbox.take()
		if resume {
			c.sock.resume(c)
		}
		if len(messages) == 0 {
			return
		}
		for _, m := range messages {
			if c.state.Load() == ended { // by us: what the device still wanted is not done any more
				continue
			}
			c.handle(m)
		}
	}
}

func (c *conn) handle(m message) {
	if m.op == ws.OpPing {
		if !m.over {
			c.Send(live.NewFrame(ws.OpPong, m.data))
		}
		return
	}
	err := c.frame(m)
	if err == nil {
		return
	}
	c.answerError(idsOf(m.data), err)
	switch myna.AsError(err).Code {
	case myna.CodeBadJSON, myna.CodeBadFrame, myna.CodeUnknownFrame, myna.CodeUnknownField:
		if c.bad++; c.bad >= maxBad {
			c.h.hub.Detach(&c.Session)
			c.End(wire.CloseBadFrame, "too many frames that make no sense")
		}
	}
}

// ids name a request in its answer.
type ids struct {
	Nonce myna.Nonce `json:"nonce"`
	Ref   int64      `json:"ref"`
}

// idsOf finds them in a frame that may be wrong in every other way.
func idsOf(data []byte) ids {
	var found ids
	_ = json.Unmarshal(data, &found, jsontext.AllowDuplicateNames(true)) // what was read before an error counts
	return found
}

func (c *conn) answerError(of ids, err error) {
	if myna.KindOf(err) == myna.Internal {
		c.h.log.Error("frame could not be carried out", "user", c.Principal().User.String(), "error", err)
	}
	c.send(wire.ErrorFrame{Type: wire.FrameError, Nonce: of.Nonce, Ref: of.Ref, Error: wire.ErrorOf(err)})
}

func (c *conn) send(frame any) {
	b, err := wire.Append(nil, frame)
	if err != nil {
		c.h.log.Error("frame cannot be encoded", "error", err)
		return
	}
	c.Send(live.Text(b))
}

// frame carries out one frame. What it returns is answered with an error frame.
func (c *conn) frame(m message) error {
	if m.over {
		return tooMany()
	}
	kind, err := typeOf(m.data)
	if err != nil {
		return err
	}
	if isDear(kind) && !c.spend(myna.DearFrame-1) { // one was taken when it came
		return tooMany()
	}
	switch kind {
	case wire.FramePost:
		return with(m.data, c.post)
	case wire.FrameRead:
		return with(m.data, c.markRead)
	case wire.FrameTyping:
		return with(m.data, func(f wire.Typing) error { return c.h.hub.Typing(&c.Session, f.Room) })
	case wire.FrameFocus:
		return with(m.data, func(f wire.Focus) error {
			c.h.hub.Focus(&c.Session, f.Room, f.Active)
			return nil
		})
	case wire.FrameWatch:
		return with(m.data, func(f wire.Watch) error { return c.h.hub.Watch(&c.Session, f.Users) })
	case wire.FrameFetch:
		return with(m.data, c.fetch)
	case wire.FramePing:
		return with(m.data, func(wire.Ping) error {
			c.send(wire.Pong{Type: wire.FramePong, Now: myna.TimeOf(time.Now())})
			return nil
		})
	}
	return myna.Errorf(myna.Invalid, myna.CodeUnknownFrame, "there is no frame of type %.40q", kind).In("type")
}

// isDear says whether a type of frame counts as myna.DearFrame frames.
func isDear(kind string) bool {
	return kind == wire.FramePost || kind == wire.FrameFetch || kind == wire.FrameWatch
}

func (c *conn) post(f wire.Post) error {
	c.h.chat.PostAsync(c.h.ctx, c.Principal(), chat.PostInput{Room: f.Room, Nonce: f.Nonce, Text: f.Text}, func(p chat.Posted, err error) {
		if err != nil {
			c.answerError(ids{Nonce: f.Nonce}, err)
			return
		}
		// This may be the journal's goroutine, and the hub is about to write to this session anyway: the
		// message itself.
		c.Later(live.Text(wire.AppendAck(make([]byte, 0, ackSize), wire.Ack{
			Nonce: f.Nonce, Room: p.Room, Seq: p.Seq, Rev: p.Rev, CreatedAt: p.CreatedAt,
		})))
	})
	return nil
}

// ackSize fits every ack but those of very old rooms.
const ackSize = 192

func (c *conn) markRead(f wire.Read) error {
	_, err := c.h.chat.MarkRead(c.h.ctx, c.Principal(), f.Room, f.Seq, f.Unread)
	return err
}

// typeOf finds the type of a frame. Clients write it first; then nothing else is looked at.
func typeOf(data []byte) (string, error) {
	if rest, first := bytes.CutPrefix(data, []byte(`{"type":"`)); first {
		if end := bytes.IndexByte(rest, '"'); end >= 0 {
			return string(rest[:end]), nil
		}
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return "", decodeError(err)
	}
	return head.Type, nil
}

// with decodes data, refusing what F has no place for, and does what is to be done.
func with[F any](data []byte, do func(F) error) error {
	var f F
	if err := json.Unmarshal(data, &f, json.RejectUnknownMembers(true)); err != nil {
		return decodeError(err)
	}
	return do(f)
}

// decodeError says what is wrong with a frame without repeating it.
func decodeError(err error) error {
	var ours *myna.Error
	if errors.As(err, &ours) {
		return ours
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the frame names a field twice")
		}
		return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the frame is not JSON: an error at byte %d", syntax.ByteOffset)
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		field := clip(semantic.JSONPointer.LastToken())
		if errors.Is(err, json.ErrUnknownName) {
			return myna.Errorf(myna.Invalid, myna.CodeUnknownField, "this type of frame has no such field").In(field)
		}
		return myna.Errorf(myna.Invalid, myna.CodeBadFrame, "a field of the frame has the wrong kind of value").In(field)
	}
	return myna.Errorf(myna.Invalid, myna.CodeBadFrame, "the frame cannot be read")
}

// clip keeps a field's name, which the device may have made up, short.
func clip(name string) string {
	const most = 40
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}
