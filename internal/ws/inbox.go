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
	working bool          // a goroutine handles them
	space   chan struct{} // the reader waits for it to be closed; nil if it does not wait
	closed  bool
}

// put adds m, waiting while the inbox is full. start says that a goroutine is to be started that calls
// take until there is nothing.
func (b *inbox) put(m message) (start bool) {
	b.mu.Lock()
	for len(b.waiting) > 0 && (len(b.waiting) >= inboxFrames || b.bytes+len(m.data) > inboxBytes) && !b.closed {
		space := make(chan struct{})
		b.space = space
		b.mu.Unlock()
		<-space
		b.mu.Lock()
	}
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

// take empties the inbox; nothing means that the caller's work is over.
func (b *inbox) take() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages := b.waiting
	b.waiting, b.bytes = nil, 0
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
	b.working = len(messages) > 0
	return messages
}

// close throws away what waits and takes nothing more.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.waiting = true, nil
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
}
