//go:build !linux

package load

import (
	"errors"
	"time"
)

// errLinuxOnly: the generator reads the server's CPU and memory from /proc and drives its connections
// with epoll; on other systems it builds, and says so when it is started.
var errLinuxOnly = errors.New("myna load works on Linux only: it reads /proc and uses epoll")

type poller struct{}

type ready struct {
	fd          int
	read, write bool
}

func newPoller() (*poller, error)                 { return nil, errLinuxOnly }
func (*poller) close()                            {}
func (*poller) watch(int, bool, bool, bool) error { return errLinuxOnly }
func (*poller) wait(time.Duration) (int, error)   { return 0, errLinuxOnly }
func (*poller) at(int) ready                      { return ready{} }
func dialSocket([4]byte, int, int) (int, error)   { return 0, errLinuxOnly }
func cutSocket(int)                               {}
func readSocket(int, []byte) (int, bool, error)   { return 0, false, errLinuxOnly }
func writeSocket(int, []byte) (int, error)        { return 0, errLinuxOnly }
func raiseFileLimit() uint64                      { return 0 }
