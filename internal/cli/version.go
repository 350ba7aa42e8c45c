package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version is set by packagers: -ldflags "-X github.com/myna-chat/myna/internal/cli.version=1.2.3".
var version = ""

type versionCmd struct {
	output
}

type versionInfo struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

func (c *versionCmd) Run(p *program) error {
	info := versionInfo{Version: Version(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	return c.print(p, info, func(w io.Writer) {
		fmt.Fprintf(w, "myna %s (%s, %s)\n", info.Version, info.Go, info.System)
	})
}

// Version is what this program calls itself: what the packager said, else what the Go tool knows of the
// commit it was built from, else "dev".
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
