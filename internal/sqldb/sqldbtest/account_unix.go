//go:build unix

package sqldbtest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// accountFor is how a server is run: in a process group of its own, so that a Ctrl-C on the test reaches
// it only through us, and, when we are root, as the user its package made, who is given the directory.
func accountFor(name, dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	account, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("the user %s that runs the server %w", name, errMissing)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}
