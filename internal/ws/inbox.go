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
	working bool   // a goroutine handles them
	closed  bool   // the connection is gone
	resume  func() // the reader waits for room; nil if it does not
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

// full says whether no more should be read for now; then resume is called when there is room again.
func (b *inbox) full(resume func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.waiting) < inboxFrames && b.bytes < inboxBytes {
		return false
	}
	b.resume = resume
	return true
}

// take empties the inbox; nothing means that the caller's work is over.
func (b *inbox) take() []message {
	b.mu.Lock()
	messages, resume := b.waiting, b.resume
	b.waiting, b.bytes, b.resume = nil, 0, nil
	b.working = len(messages) > 0
	b.mu.Unlock()
	if resume != nil {
		resume()
	}
	return messages
}

// close throws away what waits and takes nothing more.
func (b *inbox) close() {
	b.mu.Lock()
	resume := b.resume
	b.closed, b.waiting, b.resume = true, nil, nil
	b.mu.Unlock()
	if resume != nil {
		resume()
	}
}
