package ws

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
)

// Why a connection cannot go on; closeCode has the code for each.
var (
	errTooLarge = errors.New("a frame or message is larger than the limit")
	errNotUTF8  = errors.New("a text message is not UTF-8")
	errTooMany  = errors.New("too many frames")
	errBinary   = errors.New("binary messages are not understood: every frame is one JSON object in a text message")
)

// message is something whole the device sent: a text, a ping or a close.
type message struct {
	op   ws.OpCode
	data []byte
	over bool // beyond the rate limit: to be refused
}

// parser puts the bytes of a connection together to messages. Between calls it keeps only what is not
// whole, and nothing while the line is quiet.
type parser struct {
	partial []byte // the beginning of a frame
	text    []byte // the fragments of a text message so far
	over    bool   // one of them was beyond the rate limit
	state   ws.State
}

// feed takes bytes, which it may change, and gives each message that became whole. What the messages
// hold is theirs to keep. counted is called for every frame, fragments too, and says whether it is beyond
// the rate limit, or that it was one too many. After an error the connection cannot go on.
func (p *parser) feed(b []byte, counted func() (over bool, err error), each func(message)) error {
	if len(p.partial) > 0 {
		p.partial = append(p.partial, b...)
		b = p.partial
	}
	for len(b) > 0 {
		h, size, err := p.header(b)
		if err != nil {
			return err
		}
		if size == 0 || int64(len(b)-size) < h.Length {
			break
		}
		payload := b[size : size+int(h.Length)]
		b = b[size+int(h.Length):]
		ws.Cipher(payload, h.Mask, 0)
		over, err := counted()
		if err == nil {
			err = p.frame(h, payload, over, each)
		}
		if err != nil {
			return err
		}
	}
	p.keep(b)
	return nil
}

// keep holds the beginning of a frame until the rest comes. The buffer grows with what comes, whatever
// length the frame declares.
func (p *parser) keep(b []byte) {
	switch {
	case len(b) == 0:
		p.partial = nil
	case len(b) != len(p.partial): // else it is there already
		p.partial = append([]byte(nil), b...)
	}
}

// header reads a frame's header; size 0 means that it is not all there.
func (p *parser) header(b []byte) (h ws.Header, size int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	h.Fin, h.Rsv, h.OpCode = b[0]&0x80 != 0, b[0]>>4&7, ws.OpCode(b[0]&0x0f)
	h.Masked, h.Length = b[1]&0x80 != 0, int64(b[1]&0x7f)
	size = 2
	switch {
	case h.Length == 126:
		size = 4
	case h.Length == 127:
		size = 10
	}
	if len(b) < size {
		return h, 0, nil
	}
	switch size {
	case 4:
		h.Length = int64(binary.BigEndian.Uint16(b[2:]))
	case 10:
		h.Length = int64(binary.BigEndian.Uint64(b[2:]))
	}
	if err := ws.CheckHeader(h, p.state.Set(ws.StateServerSide)); err != nil {
		return h, 0, err
	}
	if h.Length < 0 || h.Length > myna.MaxFrameBytes || int64(len(p.text))+h.Length > myna.MaxFrameBytes && !h.OpCode.IsControl() {
		return h, 0, errTooLarge
	}
	if len(b) < size+len(h.Mask) {
		return h, 0, nil
	}
	copy(h.Mask[:], b[size:])
	return h, size + len(h.Mask), nil
}

// frame takes a whole frame, unmasked.
func (p *parser) frame(h ws.Header, payload []byte, over bool, each func(message)) error {
	switch {
	case h.OpCode == ws.OpBinary:
		return errBinary
	case h.OpCode.IsControl():
		each(message{op: h.OpCode, data: append([]byte(nil), payload...), over: over})
		return nil
	case !h.Fin:
		p.text, p.over = append(p.text, payload...), p.over || over
		p.state = p.state.Set(ws.StateFragmented)
		return nil
	}
	text, over := append(p.text, payload...), p.over || over
	p.text, p.over, p.state = nil, false, p.state.Clear(ws.StateFragmented)
	if !utf8.Valid(text) {
		return errNotUTF8
	}
	each(message{op: ws.OpText, data: text, over: over})
	return nil
}
