//go:build !linux

package ws

import (
	"errors"
	"net"
)

// poller is not there on this system: every connection has a goroutine.
type poller struct{}

var errNoPoller = errors.New("no poller on this system")

func newPoller() (*poller, error) { return nil, errNoPoller }

func (*poller) take(*net.TCPConn) (sock, error) { return nil, errNoPoller }
func (*poller) add(*conn) error                 { return errNoPoller }
func (*poller) run()                            {}
func (*poller) close()                          {}
