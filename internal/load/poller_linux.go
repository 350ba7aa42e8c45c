package load

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// A poller tells which sockets are ready. One goroutine owns it: five thousand connections cost the
// generator five thousand small structs, no stacks and no locks, which leaves the machine to the server.
type poller struct {
	fd     int
	events [256]syscall.EpollEvent
	coarse bool // the kernel knows only whole milliseconds
}

// sysEpollPwait2 waits with nanoseconds (Linux 5.11); its number is the same on every architecture Go
// supports but MIPS, where the call fails and whole milliseconds are used.
const sysEpollPwait2 = 441

func newPoller() (*poller, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a poller: %w", err)
	}
	return &poller{fd: fd}, nil
}

func (p *poller) close() { _ = syscall.Close(p.fd) }

// watch sets what a socket is watched for; known says whether it was watched before.
func (p *poller) watch(fd int, known, read, write bool) error {
	ev := syscall.EpollEvent{Fd: int32(fd)}
	if read {
		ev.Events |= syscall.EPOLLIN
	}
	if write {
		ev.Events |= syscall.EPOLLOUT
	}
	op := syscall.EPOLL_CTL_ADD
	if known {
		op = syscall.EPOLL_CTL_MOD
	}
	return syscall.EpollCtl(p.fd, op, fd, &ev)
}

// ready is one socket that can be read or written. A broken one can be read: the read tells why.
type ready struct {
	fd          int
	read, write bool
}

// wait gives the i-th of n ready sockets through at.
func (p *poller) wait(timeout time.Duration) (n int, err error) {
	n, err = p.waitFine(max(timeout, 0))
	if err == syscall.EINTR {
		return 0, nil
	}
	return n, err
}

func (p *poller) waitFine(timeout time.Duration) (int, error) {
	if !p.coarse {
		ts := syscall.NsecToTimespec(int64(timeout))
		n, _, errno := syscall.Syscall6(sysEpollPwait2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])),
			uintptr(len(p.events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
		if errno == 0 {
			return int(n), nil
		}
		if errno != syscall.ENOSYS && errno != syscall.EPERM {
			return 0, errno
		}
		p.coarse = true
	}
	return syscall.EpollWait(p.fd, p.events[:], int((timeout+time.Millisecond-1)/time.Millisecond))
}

func (p *poller) at(i int) ready {
	ev := p.events[i]
	const broken = syscall.EPOLLERR | syscall.EPOLLHUP
	return ready{
		fd:    int(ev.Fd),
		read:  ev.Events&(syscall.EPOLLIN|broken) != 0,
		write: ev.Events&syscall.EPOLLOUT != 0,
	}
}

// dialSocket begins a connection; it is ready to be written when it stands. Slow readers ask for a
// small receive buffer.
func dialSocket(to [4]byte, port, receiveBuffer int) (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("make a socket (is the limit of open files high enough?): %w", err)
	}
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	if receiveBuffer > 0 {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveBuffer)
	}
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: to})
	if err != nil && err != syscall.EINPROGRESS {
		_ = syscall.Close(fd)
		return 0, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

// cutSocket drops a connection without a farewell, as a pulled cable with a reset behind it; no port
// stays reserved.
func cutSocket(fd int) {
	_ = syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	_ = syscall.Close(fd)
}

func readSocket(fd int, b []byte) (n int, again bool, err error) {
	n, err = syscall.Read(fd, b)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return 0, true, nil
	}
	return n, false, err
}

func writeSocket(fd int, b []byte) (n int, err error) {
	n, err = syscall.Write(fd, b)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return 0, nil
	}
	return n, err
}

// raiseFileLimit lifts the soft limit of open files to the hard one and gives it.
func raiseFileLimit() uint64 {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) != nil {
		return 0
	}
	if lim.Cur < lim.Max {
		raised := syscall.Rlimit{Cur: lim.Max, Max: lim.Max}
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
			return raised.Cur
		}
	}
	return lim.Cur
}
