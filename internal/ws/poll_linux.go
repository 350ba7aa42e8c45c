package ws

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

const (
	// readSize is enough for several usual frames; there is one such buffer.
	readSize = 16 << 10
	// readTurns is how often one connection is read before the others get a turn.
	readTurns = 4
	// pollEvents is how many events are taken at once.
	pollEvents = 128
	// etEvents is what is asked for: to be told once whenever something changes, for both directions.
	etEvents = syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | 1<<31 // EPOLLET
)

// poller waits for thousands of sockets with one goroutine. It is an epoll instance whose own
// descriptor waits in Go's poller: while nothing comes it costs nothing, and no thread is blocked.
type poller struct {
	ep   int
	file *os.File // ep
	pipe [2]int   // a byte in it wakes the goroutine for again

	mu    sync.Mutex
	conns []*conn // by descriptor
	again []*conn // to be read although no event will come
}

func newPoller() (*poller, error) {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make an epoll instance: %w", err)
	}
	p := &poller{ep: ep}
	if err := p.open(); err != nil {
		_ = syscall.Close(ep)
		return nil, err
	}
	return p, nil
}

func (p *poller) open() error {
	if err := syscall.SetNonblock(p.ep, true); err != nil { // so that os gives it to Go's poller
		return fmt.Errorf("make an epoll instance: %w", err)
	}
	if err := syscall.Pipe2(p.pipe[:], syscall.O_NONBLOCK|syscall.O_CLOEXEC); err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(p.pipe[0])}
	if err := syscall.EpollCtl(p.ep, syscall.EPOLL_CTL_ADD, p.pipe[0], &event); err != nil {
		return fmt.Errorf("watch a pipe: %w", err)
	}
	p.file = os.NewFile(uintptr(p.ep), "epoll")
	return nil
}

// close ends run.
func (p *poller) close() {
	_ = p.file.Close()
	_ = syscall.Close(p.pipe[0])
	_ = syscall.Close(p.pipe[1])
}

// take moves a plain TCP connection out of net into the poller's hands; add makes it be read. The
// descriptor is a duplicate, as a net.Conn cannot be taken apart: closing it leaves the line alone.
func (p *poller) take(tcp *net.TCPConn) (sock, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, failed := -1, error(nil)
	err = raw.Control(func(old uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0)
		if fd = int(n); errno != 0 {
			failed = errno
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("duplicate a socket: %w", err)
	}
	_ = tcp.Close()
	return &polled{poller: p, fd: fd}, nil
}

// add has c read from now on.
func (p *poller) add(c *conn) error {
	fd := c.sock.(*polled).fd
	p.mu.Lock()
	for len(p.conns) <= fd {
		p.conns = append(p.conns, nil)
	}
	p.conns[fd] = c
	p.mu.Unlock()
	event := syscall.EpollEvent{Events: etEvents, Fd: int32(fd)}
	if err := syscall.EpollCtl(p.ep, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
		return fmt.Errorf("watch a socket: %w", err)
	}
	return nil
}

// resume has c read on, whose inbox was full or which has had its turn.
func (p *poller) resume(c *conn) {
	p.mu.Lock()
	p.again = append(p.again, c)
	first := len(p.again) == 1
	p.mu.Unlock()
	if first {
		_, _ = syscall.Write(p.pipe[1], []byte{0}) // if it is full there is a byte in it
	}
}

// run reads until close.
func (p *poller) run() {
	raw, err := p.file.SyscallConn()
	if err != nil {
		return
	}
	var (
		events [pollEvents]syscall.EpollEvent
		buf    [readSize]byte
		ready  []readyConn
	)
	_ = raw.Read(func(uintptr) bool { // returns when the file is closed
		for {
			n, err := syscall.EpollWait(p.ep, events[:], 0)
			if n <= 0 && err != syscall.EINTR {
				return false
			}
			ready = p.match(ready[:0], events[:max(n, 0)])
			for _, r := range ready {
				r.serve(buf[:])
			}
			clear(ready)
		}
	})
}

// readyConn is a connection about which something is to be done.
type readyConn struct {
	conn   *conn
	events uint32
}

// serve does what is to be done; a fault of ours in it ends this connection and no other.
func (r readyConn) serve(buf []byte) {
	defer r.conn.caught()
	r.conn.sock.(*polled).serve(r, buf)
}

// match finds whose events these are. One that is closed meanwhile is not there any more; one that
// got the descriptor of a closed one is looked at once too often.
func (p *poller) match(ready []readyConn, events []syscall.EpollEvent) []readyConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if int(e.Fd) == p.pipe[0] {
			var b [8]byte
			_, _ = syscall.Read(p.pipe[0], b[:])
			for _, c := range p.again {
				ready = append(ready, readyConn{c, syscall.EPOLLIN | syscall.EPOLLRDHUP})
			}
			clear(p.again)
			p.again = p.again[:0]
			continue
		}
		if int(e.Fd) < len(p.conns) && p.conns[e.Fd] != nil {
			ready = append(ready, readyConn{p.conns[e.Fd], e.Events})
		}
	}
	return ready
}

// polled is a sock in the poller. Only the poller's goroutine reads and closes it.
type polled struct {
	poller *poller
	fd     int
	mu     sync.Mutex // held while writing and closing, so that a write never meets somebody else's descriptor
	closed bool
}

// serve does what the events ask for.
func (s *polled) serve(r readyConn, buf []byte) {
	c := r.conn
	if s.closed {
		return
	}
	if r.events&syscall.EPOLLOUT != 0 && c.stuck.CompareAndSwap(true, false) {
		c.shard.add(c)
	}
	const ending = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
	if r.events&(syscall.EPOLLIN|ending) == 0 {
		return
	}
	for range readTurns {
		if c.inbox.full() {
			return
		}
		n, err := s.read(buf)
		switch {
		case err == syscall.EAGAIN:
			return
		case err != nil:
			c.gone()
			return
		}
		c.feed(buf[:n])
		// A short read has emptied the socket: what comes now is a new event. Unless the end came
		// together with it, which is not told again.
		if n < len(buf) && r.events&ending == 0 {
			return
		}
	}
	s.resume(c)
}

func (s *polled) resume(c *conn) { s.poller.resume(c) }

func (s *polled) read(buf []byte) (int, error) {
	for {
		n, err := syscall.Read(s.fd, buf)
		switch {
		case err == syscall.EINTR:
			continue
		case err == nil && n == 0:
			return 0, io.EOF
		}
		return n, err
	}
}

func (s *polled) write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	for {
		n, err := syscall.Write(s.fd, b)
		switch err {
		case nil:
			return n, nil
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, err
		}
	}
}

// blocked waits for the event that says that the socket takes bytes again. It may have come before
// anybody waited for it, so the events are asked for anew: then what is so already is told again.
func (s *polled) blocked(c *conn) {
	c.stuck.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		event := syscall.EpollEvent{Events: etEvents, Fd: int32(s.fd)}
		_ = syscall.EpollCtl(s.poller.ep, syscall.EPOLL_CTL_MOD, s.fd, &event) // not added yet: add will tell
	}
}

func (s *polled) closeWrite() { s.shut(syscall.SHUT_WR) }
func (s *polled) kill()       { s.shut(syscall.SHUT_RDWR) }

func (s *polled) shut(how int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		_ = syscall.Shutdown(s.fd, how) // fails if the other side was faster
	}
}

func (s *polled) close() {
	s.poller.mu.Lock()
	if s.fd < len(s.poller.conns) {
		s.poller.conns[s.fd] = nil
	}
	s.poller.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		_ = syscall.Close(s.fd)
	}
}
