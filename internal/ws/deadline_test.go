package ws

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeSock only counts how often it is broken.
type fakeSock struct {
	sock
	killed atomic.Int32
}

func (f *fakeSock) kill() { f.killed.Add(1) }

func TestDeadlines(t *testing.T) {
	tests := []struct {
		name  string
		do    func(d *deadlines, c *conn)
		after time.Duration
		want  int32
	}{
		{"a full socket", func(d *deadlines, c *conn) { c.stuck.Store(true); d.set(c, writeWait, false) }, writeWait + 2*deadlineTick, 1},
		{"not yet", func(d *deadlines, c *conn) { c.stuck.Store(true); d.set(c, writeWait, false) }, writeWait - deadlineTick, 0},
		{"it took bytes again", func(d *deadlines, c *conn) { d.set(c, writeWait, false) }, 2 * writeWait, 0},
		{"it takes some now and then", func(d *deadlines, c *conn) {
			c.stuck.Store(true)
			for range 5 {
				d.set(c, writeWait, false)
				time.Sleep(writeWait / 2)
			}
		}, 0, 0},
		{"told to go", func(d *deadlines, c *conn) { d.set(c, closeWait, true) }, closeWait + 2*deadlineTick, 1},
		{"told to go while full", func(d *deadlines, c *conn) {
			c.stuck.Store(true)
			d.set(c, closeWait, true)
			d.set(c, writeWait, false)
		}, closeWait + 2*deadlineTick, 1},
		{"gone in time", func(d *deadlines, c *conn) { d.set(c, closeWait, true); d.drop(c) }, time.Hour, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d deadlines
				f := &fakeSock{}
				c := &conn{sock: f}
				tt.do(&d, c)
				time.Sleep(tt.after)
				synctest.Wait()
				if got := f.killed.Load(); got != tt.want {
					t.Errorf("broken %d times, want %d", got, tt.want)
				}
				d.drop(c)
				time.Sleep(2 * deadlineTick)
				synctest.Wait()
				d.mu.Lock()
				defer d.mu.Unlock()
				if d.timer != nil {
					t.Error("the timer runs though nobody has a deadline")
				}
			})
		})
	}
}
