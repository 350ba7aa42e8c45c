//go:build linux || darwin

package cli

import "syscall"

// freeBytes is the space an ordinary user can still fill where dir is.
func freeBytes(dir string) (free uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}

// permissionsMean says whether a file's mode bits say who can read it.
func permissionsMean() bool { return true }
