package load

import (
	"bytes"
	"crypto/sha1" // the WebSocket handshake asks for it
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna/wire"
)

type connState uint8

const (
	stateClosed connState = iota
	stateDialling
	stateOpen
)

const (
	opText  = byte(ws.OpText)
	opClose = byte(ws.OpClose)
	opPing  = byte(ws.OpPing)
	opPong  = byte(ws.OpPong)
)

// conn is one device. Its cursors outlive the connection, as a device's do.
type conn struct {
	token    string
	follows  []follow
	pending  []int64       // posts without an answer
	late     map[int64]int // tries whose answer a resync may have dropped, or not
	in, out  []byte        // part of a frame that came; what the socket did not take yet
	fd       int
	index    int
	buffer   int // SO_RCVBUF, 0 as the system has it
	attempts int
	dialAt   time.Duration
	state    connState
	writes   bool // watched for writing
	dirty    bool // has something to be flushed
	greeted  bool // the ready frame has come
	paused   bool // never reads
	gone     bool // closed for good: no longer a listener
	redial   bool // comes back by itself when the server closes
	repaired bool // has fetched since it was opened: a live row may come that it holds already
	lastCode int  // why the server closed it
}

// follow is one scope of a device with its fetch state.
type follow struct {
	journal
	fetching bool
	ref      int64 // of the fetch under way
	wanted   int64 // a rev known to exist above the cursor
}

func (f *fleet) dial(c *conn) {
	fd, err := dialSocket(f.target.addr, f.target.port, c.buffer)
	if err != nil {
		f.failed(c, err.Error())
		return
	}
	c.fd, c.state, c.writes, c.greeted, c.repaired = fd, stateDialling, true, false, false
	c.in, c.out = c.in[:0], c.out[:0]
	f.dialling++
	for len(f.byFD) <= fd {
		f.byFD = append(f.byFD, nil)
	}
	f.byFD[fd] = c
	key := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, f.rng.Uint64()), uint64(c.index)))
	c.out = fmt.Appendf(c.out, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer %s\r\nUser-Agent: myna-load\r\n\r\n",
		f.target.path, f.target.host, key, c.token)
	c.in = append(c.in, acceptOf(key)...) // kept in front of the answer until it is checked
	if err := f.poll.watch(fd, false, true, true); err != nil {
		f.failed(c, err.Error())
	}
}

const acceptLen = 28 // base64 of a SHA-1

func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// failed gives a dial another try a little later, as a good client would, and a fault after many.
func (f *fleet) failed(c *conn, why string) {
	f.drop(c)
	c.attempts++
	f.tally.Retries++
	if c.attempts >= mostAttempts {
		c.gone = true
		f.fault(FaultProtocol, "connection %d was refused %d times: %s", c.index, c.attempts, why)
		return
	}
	c.dialAt = f.now() + time.Duration(50+f.rng.IntN(100<<min(c.attempts, 5)))*time.Millisecond
	f.waiting = append(f.waiting, c)
}

// drop closes the socket; posts under way may or may not be stored.
func (f *fleet) drop(c *conn) {
	if c.fd >= 0 {
		f.byFD[c.fd] = nil
		cutSocket(c.fd)
		c.fd = -1
	}
	if c.state == stateDialling {
		f.dialling--
	}
	c.state = stateClosed
	for _, number := range c.pending {
		f.abandon(number)
	}
	c.pending, c.late = c.pending[:0], nil
	for i := range c.follows {
		c.follows[i].fetching = false
	}
}

// cut takes a device off the net; its cursors stay.
func (f *fleet) cut(c *conn) {
	if c.state != stateClosed {
		f.drop(c)
	}
}

// reopen brings a device back.
func (f *fleet) reopen(c *conn) {
	c.attempts, c.dialAt = 0, 0
	f.waiting = append(f.waiting, c)
}

// lost handles a connection the server ended.
func (f *fleet) lost(c *conn, why string) {
	if c.state == stateDialling {
		f.failed(c, why)
		return
	}
	f.tally.Closed++
	f.drop(c)
	if c.redial {
		f.reopen(c)
		return
	}
	f.fault(FaultProtocol, "connection %d was closed by the server: %s", c.index, why)
	c.gone = true
}

func (f *fleet) writable(c *conn) {
	if len(c.out) > 0 {
		n, err := writeSocket(c.fd, c.out)
		if err != nil {
			f.lost(c, err.Error())
			return
		}
		c.out = append(c.out[:0], c.out[n:]...)
	}
	f.arm(c, len(c.out) > 0)
}

// arm watches the socket for writing only while something is owed.
func (f *fleet) arm(c *conn, writes bool) {
	if c.writes == writes || c.fd < 0 {
		return
	}
	c.writes = writes
	if err := f.poll.watch(c.fd, true, !c.paused, writes); err != nil {
		f.lost(c, err.Error())
	}
}

// pause makes a device stop (or begin again) reading.
func (f *fleet) pause(c *conn, paused bool) {
	c.paused = paused
	if c.fd >= 0 {
		_ = f.poll.watch(c.fd, true, !paused, c.writes)
	}
}

// write queues one frame; it leaves with the next flush.
func (f *fleet) write(c *conn, op byte, payload []byte) {
	if c.state != stateOpen {
		return
	}
	b := append(f.frame[:0], 0x80|op)
	switch {
	case len(payload) < 126:
		b = append(b, 0x80|byte(len(payload)))
	case len(payload) < 1<<16:
		b = append(b, 0x80|126, byte(len(payload)>>8), byte(len(payload)))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(len(payload)))
	}
	var mask [4]byte
	binary.LittleEndian.PutUint32(mask[:], f.rng.Uint32())
	b = append(b, mask[:]...)
	start := len(b)
	b = append(b, payload...)
	ws.Cipher(b[start:], mask, 0)
	f.frame = b
	c.out = append(c.out, b...)
	if !c.writes && !c.dirty { // else the poller tells when the socket takes more
		c.dirty = true
		f.dirty = append(f.dirty, c)
	}
}

// flush gives the sockets what was written since the last time: what one device said in the same
// moment goes out together.
func (f *fleet) flush() {
	for i := 0; i < len(f.dirty); i++ { // it may grow meanwhile
		c := f.dirty[i]
		if c.dirty = false; c.state == stateOpen {
			f.writable(c)
		}
	}
	f.dirty = f.dirty[:0]
}

func (f *fleet) readable(c *conn) {
	n, again, err := readSocket(c.fd, f.buf)
	switch {
	case again:
		return
	case err != nil:
		f.lost(c, err.Error())
		return
	case n == 0:
		f.lost(c, fmt.Sprintf("end of stream, close code %d", c.lastCode))
		return
	}
	f.tally.Bytes += int64(n)
	got := f.buf[:n]
	if len(c.in) > 0 {
		c.in = append(c.in, got...)
		got = c.in
	}
	if c.state == stateDialling {
		if got = f.handshake(c, got); got == nil {
			return
		}
	}
	rest := f.frames(c, got)
	if c.state == stateClosed {
		return
	}
	if len(rest) == 0 {
		c.in = c.in[:0]
		if cap(c.in) > 64<<10 {
			c.in = nil
		}
		return
	}
	c.in = append(c.in[:0], rest...) // rest may lie in c.in: append moves it to the front
}

// handshake reads the answer to the upgrade; got begins with the accept key that is expected. It gives
// the bytes after the answer, nil if there is nothing to be read yet.
func (f *fleet) handshake(c *conn, got []byte) []byte {
	answer := got[acceptLen:]
	end := bytes.Index(answer, []byte("\r\n\r\n"))
	if end < 0 {
		if len(answer) > 16<<10 {
			f.failed(c, "endless answer to the upgrade")
		}
		return nil
	}
	head := string(answer[:end])
	if !strings.HasPrefix(head, "HTTP/1.1 101 ") || !strings.Contains(head, string(got[:acceptLen])) {
		f.failed(c, strings.Join(strings.Fields(string(answer[:min(len(answer), 300)])), " "))
		return nil
	}
	c.state = stateOpen
	f.dialling--
	f.tally.Opened++
	return answer[end+4:]
}

// frames serves all complete frames and gives what is left.
func (f *fleet) frames(c *conn, b []byte) []byte {
	now := f.now()
	for len(b) >= 2 {
		size, head := int(b[1]&0x7f), 2
		switch {
		case size == 126 && len(b) >= 4:
			size, head = int(binary.BigEndian.Uint16(b[2:])), 4
		case size == 127 && len(b) >= 10:
			size, head = int(min(binary.BigEndian.Uint64(b[2:]), mostFrame+1)), 10
		case size >= 126:
			return b
		}
		if b[1]&0x80 != 0 || b[0]&0x70 != 0 || size > mostFrame {
			f.fault(FaultProtocol, "connection %d: bad frame header % x", c.index, b[:2])
			f.lost(c, "bad frame header")
			return nil
		}
		if len(b) < head+size {
			return b
		}
		f.serve(c, b[0], b[head:head+size], now)
		if c.state == stateClosed {
			return nil
		}
		b = b[head+size:]
	}
	return b
}

func (f *fleet) serve(c *conn, first byte, payload []byte, now time.Duration) {
	switch first {
	case 0x80 | opText:
		f.frameIn(c, payload, now)
	case 0x80 | opPing:
		f.write(c, opPong, payload)
	case 0x80 | opPong:
	case 0x80 | opClose:
		if len(payload) >= 2 {
			c.lastCode = int(binary.BigEndian.Uint16(payload))
		}
		f.lost(c, fmt.Sprintf("close code %d %s", c.lastCode, payload[min(2, len(payload)):]))
	default:
		f.fault(FaultProtocol, "connection %d: frame with first byte %#x", c.index, first)
	}
}

// frameIn serves one text frame of the server.
func (f *fleet) frameIn(c *conn, b []byte, now time.Duration) {
	switch string(frameType(b)) {
	case wire.FrameChange:
		f.changeIn(c, b, now)
	case wire.FrameAck:
		f.ackIn(c, b, now)
	case wire.FrameError:
		f.errorIn(c, b)
	case wire.FrameReady, wire.FrameResync:
		f.headsIn(c, b)
	case wire.FrameChanges:
		f.changesIn(c, b, now)
	case wire.FrameSignal, wire.FramePong, wire.FrameDrain:
	default:
		f.fault(FaultProtocol, "connection %d: unknown frame %.80q", c.index, b)
	}
}
