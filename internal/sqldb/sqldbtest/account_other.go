//go:build !unix

package sqldbtest

import (
	"fmt"
	"syscall"
)

// accountFor says that servers are started on Unix only; there is no sh here to keep them.
func accountFor(string, string) (*syscall.SysProcAttr, error) {
	return nil, fmt.Errorf("a Unix shell %w", errMissing)
}
