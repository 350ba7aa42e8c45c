package live

import (
	"encoding/binary"

	"github.com/gobwas/ws"
)

// Frame is one finished WebSocket frame from the server, header and payload. It is built once, shared
// by every queue it stands in, and never changed.
type Frame struct {
	b []byte
}

// Text makes a Frame of one whole text message.
func Text(payload []byte) *Frame { return NewFrame(ws.OpText, payload) }

// NewFrame makes a final frame of any kind; the payload is copied.
func NewFrame(op ws.OpCode, payload []byte) *Frame {
	const fin = 0x80
	n := len(payload)
	b := make([]byte, 2, ws.HeaderSize(ws.Header{Length: int64(n)})+n)
	b[0] = fin | byte(op)
	switch {
	case n < 126:
		b[1] = byte(n)
	case n <= 0xffff:
		b[1] = 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] = 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return &Frame{b: append(b, payload...)}
}

// Bytes is what goes over the wire; it must not be changed.
func (f *Frame) Bytes() []byte { return f.b }
