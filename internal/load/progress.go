package load

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

const plainEvery = 5 * time.Second // between two lines when nobody watches live

// progress shows how a scenario gets on: a bar on a terminal, else a line now and then.
type progress struct {
	out      io.Writer
	terminal bool
	bar      *progressbar.ProgressBar
	name     string
	begun    time.Time
	said     time.Time
	length   time.Duration
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if f, ok := out.(*os.File); ok {
		if st, err := f.Stat(); err == nil {
			p.terminal = st.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

// phase begins a stretch of work; a length of 0 means that nobody knows how long it takes.
func (p *progress) phase(name string, length time.Duration) {
	p.end()
	p.name, p.length, p.begun, p.said = name, length, time.Now(), time.Now()
	if !p.terminal {
		fmt.Fprintf(p.out, "  … %s\n", name)
		return
	}
	total := int64(-1)
	if length > 0 {
		total = length.Milliseconds()
	}
	p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(name),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(length > 0))
}

func (p *progress) show(status string) {
	past := time.Since(p.begun)
	if p.bar != nil {
		p.bar.Describe(p.name + " · " + status)
		if p.length > 0 {
			_ = p.bar.Set64(min(past.Milliseconds(), p.length.Milliseconds()-1))
			return
		}
		_ = p.bar.Add(1)
		return
	}
	if time.Since(p.said) >= plainEvery {
		p.said = time.Now()
		fmt.Fprintf(p.out, "    %s: %.0f s · %s\n", p.name, past.Seconds(), status)
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
