//go:build !unix

package ws

import "errors"

// canPoll says that sockets are read and written through net.Conn only.
const canPoll = false

var errNoPoll = errors.New("reading without blocking is not supported here")

func readNow(uintptr, []byte) (n int, again bool, err error) { return 0, false, errNoPoll }

func writeNow(uintptr, []byte) (int, error) { return 0, errNoPoll }
