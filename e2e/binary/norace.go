//go:build !race

package binary

// raceEnabled says whether the test itself was built with the race detector; then the program is as well.
const raceEnabled = false
