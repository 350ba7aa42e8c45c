//go:build !linux && !darwin

package cli

func freeBytes(string) (free uint64, known bool) { return 0, false }

// permissionsMean says whether a file's mode bits say who can read it.
func permissionsMean() bool { return false }
