// Package journal is the only writer of scoped rows. Operations queue up; one goroutine takes what is
// waiting (at most MaxBatch), locks the counters of the scopes it touches in one fixed order, decides
// each operation's rights against the rows as they are at that moment, numbers the changes, writes them
// in one transaction, and after the commit answers the callers and hands the changes over in commit
// order. The batch grows by itself: it is what queued up during the last commit.
//
// A Journal is safe for concurrent use. It promises that an operation that was answered without an
// error is in the database for good, that the revs of a scope and the seqs of a room have no holes, and
// that OnCommit sees every change exactly once, in order. It does not deliver anything to anybody.
package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

const (
	// MaxBatch bounds a transaction: beyond about 200 rows a commit gets no cheaper a row, and callers
	// would wait longer than one commit's time.
	MaxBatch = 256
	// MaxWaiting bounds the queue: 16 full batches, a quarter of a second of a busy disk. Beyond it
	// operations are refused before any work is done, rather than answered when nobody waits any more.
	MaxWaiting = 16 * MaxBatch
	// uniqueRetries is how often an operation that ran into a row another server wrote at the same
	// moment looks again before it gives up.
	uniqueRetries = 3
	// commitTimeout bounds a transaction with all its retries, which takes milliseconds when nothing is
	// wrong. Without it a lock that somebody forgot, or a database that fell silent, would hold up
	// everybody without an answer.
	commitTimeout = 30 * time.Second
)

// Op is one operation: data that says what is wanted, with result fields that are filled in before the
// caller is answered. An Op is used once.
type Op interface {
	// scopes lists every scope the operation may change.
	scopes(ctx context.Context, tx *sqldb.Tx) ([]myna.Scope, error)
	// apply does it. An error of package myna other than Internal refuses this operation only, and is
	// returned before anything is written; any other error undoes the whole batch.
	apply(ctx context.Context, b *batch) error
}

// Options of New; the zero value works.
type Options struct {
	OnCommit func([]myna.Change) // called after each commit, in order, from one goroutine
	Now      func() time.Time    // time.Now if nil
	Timeout  time.Duration       // of a transaction; 30 s if zero
}

// Journal queues operations and writes them.
type Journal struct {
	store    *store.Store
	onCommit func([]myna.Change)
	now      func() time.Time
	timeout  time.Duration
	cache    *roomCache // used by the writing goroutine only

	wake chan struct{} // holds one token while there may be something to do

	mu      sync.Mutex
	waiting []*item
	closed  bool

	batches atomic.Int64
	written atomic.Int64
}

type item struct {
	op   Op
	done func(error)
	err  error
}

// New makes a Journal; nothing is written before Run.
func New(st *store.Store, o Options) *Journal {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OnCommit == nil {
		o.OnCommit = func([]myna.Change) {}
	}
	if o.Timeout == 0 {
		o.Timeout = commitTimeout
	}
	return &Journal{
		store: st, onCommit: o.OnCommit, now: o.Now, timeout: o.Timeout,
		cache: newRoomCache(), wake: make(chan struct{}, 1),
	}
}

// Do carries out op and waits for the commit. If ctx ends first the operation may still happen, so after
// an error op's result fields must not be read: they may be written at that moment.
func (j *Journal) Do(ctx context.Context, op Op) error {
	answered := make(chan error, 1)
	j.Submit(op, func(err error) { answered <- err })
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Submit queues op and returns; done is called exactly once, from another goroutine or (when the queue
// is full or closed) at once. Operations are carried out in the order of the calls.
func (j *Journal) Submit(op Op, done func(error)) {
	if err := j.enqueue(&item{op: op, done: done}); err != nil {
		done(err)
		return
	}
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

func (j *Journal) enqueue(it *item) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return myna.Errorf(myna.Limited, myna.CodeOverloaded, "the server is stopping: try again in a moment").After(time.Second)
	case len(j.waiting) >= MaxWaiting:
		return myna.Errorf(myna.Limited, myna.CodeOverloaded, "the server has more to write than it can: try again in a moment").After(time.Second)
	}
	j.waiting = append(j.waiting, it)
	return nil
}

// Run writes until ctx ends; then it refuses new operations, writes what is waiting, and returns.
func (j *Journal) Run(ctx context.Context) {
	for {
		select {
		case <-j.wake:
			j.drain()
		case <-ctx.Done():
			j.mu.Lock()
			j.closed = true
			j.mu.Unlock()
			j.drain()
			return
		}
	}
}

// Stats are the number of transactions and of operations written since the start, and how many wait.
func (j *Journal) Stats() (batches, written int64, waiting int) {
	j.mu.Lock()
	waiting = len(j.waiting)
	j.mu.Unlock()
	return j.batches.Load(), j.written.Load(), waiting
}

func (j *Journal) drain() {
	for {
		items := j.take()
		if len(items) == 0 {
			return
		}
		// Not the caller's context: a batch belongs to many callers.
		j.write(context.Background(), items)
	}
}

func (j *Journal) take() []*item {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := min(len(j.waiting), MaxBatch)
	items := j.waiting[:n:n]
	j.waiting = j.waiting[n:]
	if len(j.waiting) == 0 {
		j.waiting = nil
	}
	return items
}

// write commits items together. When something went wrong each is tried alone, so that it fails alone;
// but not when the time was up, which it would be for each again while the others wait.
func (j *Journal) write(ctx context.Context, items []*item) {
	b, err := j.commit(ctx, items)
	late := errors.Is(err, context.DeadlineExceeded)
	if err != nil && len(items) > 1 && !late {
		for i := range items {
			j.write(ctx, items[i:i+1])
		}
		return
	}
	for try := 1; err != nil && sqldb.IsUnique(err) && try < uniqueRetries; try++ {
		b, err = j.commit(ctx, items)
	}
	if err == nil {
		j.onCommit(b.changes)
	}
	for _, it := range items {
		if err != nil {
			it.err = fmt.Errorf("write %T: %w", it.op, err)
		}
		it.done(it.err)
	}
}

func (j *Journal) commit(ctx context.Context, items []*item) (*batch, error) {
	ctx, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	var b *batch
	err := j.store.DB().Update(ctx, func(tx *sqldb.Tx) error {
		if b != nil {
			j.cache.forgetAll() // the transaction is tried again
		}
		b = newBatch(tx, j.cache, myna.TimeOf(j.now()))
		return b.run(ctx, items)
	})
	if err != nil {
		j.cache.forgetAll() // whatever was read in a transaction that did not happen
		if late := ctx.Err(); late != nil && !errors.Is(err, late) {
			err = errors.Join(late, err) // drivers do not always say why
		}
		return nil, err
	}
	b.remember()
	j.batches.Add(1)
	j.written.Add(int64(len(items)))
	return b, nil
}

// refusal says whether err refuses one operation, as opposed to a fault that undoes the batch.
func refusal(err error) bool {
	var e *myna.Error
	return errors.As(err, &e) && e.Kind != myna.Internal
}
