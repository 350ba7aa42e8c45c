package ws

import (
	"net"
	"time"
)

// sock is the socket under a connection. There are two kinds: a descriptor in our own poller, which
// costs nothing while the line is quiet (plain TCP on Linux), and a net.Conn with a goroutine that reads
// (TLS in the process, other systems).
type sock interface {
	// write sends what the socket takes at once, perhaps nothing. One caller at a time.
	write(b []byte) (int, error)
	// blocked is called after write took less than it was given. It sees to it that c.Write or c.Schedule
	// is called, once, when it may be tried again.
	blocked(c *conn)
	// resume has the reader read on, which stopped because the inbox was full.
	resume(c *conn)
	// closeWrite says to the other side that nothing more comes.
	closeWrite()
	// kill breaks the line from any goroutine; the reader then finds it broken.
	kill()
	// close gives the socket back. Called once, by the reader.
	close()
}

// stream is a sock over any net.Conn. It cannot write without perhaps blocking, so a goroutine does it,
// for as long as there is something to write.
type stream struct {
	net.Conn
	room chan struct{} // the reader waits for it when the inbox is full
	free bool          // the caller of the next write may be held up; passed on with the right to write
}

func (s *stream) write(b []byte) (int, error) {
	if !s.free {
		return 0, nil
	}
	s.free = false
	_ = s.SetWriteDeadline(time.Now().Add(writeWait))
	return s.Write(b)
}

func (s *stream) blocked(c *conn) {
	if !c.h.tasks.start(func() {
		s.free = true
		c.Write()
	}) {
		s.kill()
	}
}

func (s *stream) closeWrite() {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // if this fails the reader finds out
	}
}

func (s *stream) resume(*conn) { s.room <- struct{}{} }

func (s *stream) kill()  { _ = s.Conn.Close() }
func (s *stream) close() { _ = s.Conn.Close() }

// readStream is the goroutine of a connection over a stream.
func (c *conn) readStream(s *stream) {
	defer c.caught()
	var buf [1 << 10]byte
	for {
		n, err := s.Read(buf[:])
		if err != nil {
			c.gone()
			return
		}
		c.feed(buf[:n])
		if c.inbox.full() {
			<-s.room
		}
	}
}
