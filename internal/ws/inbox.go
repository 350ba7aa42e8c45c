package ws

import "sync"

const (
	// A device may be this far ahead of what it asked for; then its bytes stay in the socket.
	inboxFrames = 64
	inboxBytes  = 128 << 10
)

// inbox holds the messages of one connection that wait to be handled, in order.
type inbox struct {
	mu      sync.Mutex
	waiting []message
	bytes   int
	working bool // a goroutine handles them
	closed  bool // the connection is gone
	paused  bool // the reader waits for room
}

// put adds m. start says that a goroutine is to be started that calls take until there is nothing.
func (b *inbox) put(m message) (start bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.waiting = append(b.waiting, m)
	b.bytes += len(m.data)
	start = !b.working
	b.working = true
	return start
}

// full says whether no more should be read for now; then take or close will say that there is room.
func (b *inbox) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = !b.closed && (len(b.waiting) >= inboxFrames || b.bytes >= inboxBytes)
	return b.paused
}

// take empties the inbox; nothing means that the caller's work is over. resume says that the reader
// waits to be told.
func (b *inbox) take() (messages []message, resume bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages, resume = b.waiting, b.paused
	b.waiting, b.bytes, b.paused = nil, 0, false
	b.working = len(messages) > 0
	return messages, resume
}

// close throws away what waits and takes nothing more.
func (b *inbox) close() (resume bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	resume = b.paused
	b.closed, b.waiting, b.paused = true, nil, false
	return resume
}
