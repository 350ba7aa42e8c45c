// Package obs is what a running server shows of itself to those who run it: logs, metrics, health and
// profiles. It knows nothing of chat; others hand it functions to read.
package obs

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
)

// Log formats.
const (
	FormatAuto = "auto" // text on a terminal, JSON elsewhere
	FormatText = "text"
	FormatJSON = "json"
)

// NewLogger makes a logger that writes to w. Text is coloured only on a terminal, and not when NO_COLOR
// is set (https://no-color.org).
func NewLogger(w io.Writer, format string, level slog.Level) *slog.Logger {
	onTerminal := isTerminal(w)
	if format == FormatText || format == FormatAuto && onTerminal {
		return slog.New(tint.NewTextHandler(w, &tint.Options{
			Level:      level,
			TimeFormat: time.TimeOnly,
			NoColor:    !onTerminal || os.Getenv("NO_COLOR") != "",
		}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 // /dev/null as well, where nobody minds
}
