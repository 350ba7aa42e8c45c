package load

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what --json writes.
type Report struct {
	Command string    `json:"command"`
	Started time.Time `json:"started"`
	Machine string    `json:"machine"`
	Results []Result  `json:"results"`
}

// Result is one scenario's outcome.
type Result struct {
	Scenario string           `json:"scenario"`
	Setting  string           `json:"setting"`
	Figures  []Figure         `json:"figures"`
	Tally    tally            `json:"tally"`
	Faults   map[string]int64 `json:"faults,omitempty"` // by kind; none is the promise
	Examples []Fault          `json:"examples,omitempty"`
	Notes    []string         `json:"notes,omitempty"`
	Seconds  float64          `json:"seconds"`
}

// Figure is one measured number.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Want  string  `json:"want,omitempty"` // what issue and documents ask for; not part of the verdict
}

func (r *Result) figure(name string, value float64, unit, want string) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return // a stretch too short to have one
	}
	r.Figures = append(r.Figures, Figure{Name: name, Value: value, Unit: unit, Want: want})
}

func (r *Result) latencies(name string, h *histogram, want string) {
	for _, q := range []struct {
		label string
		q     float64
	}{{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}} {
		w := ""
		if q.label == "p50" {
			w = want
		}
		r.figure(name+" "+q.label, float64(h.quantile(q.q))/float64(time.Millisecond), "ms", w)
	}
	r.figure(name+" most", float64(h.most)/float64(time.Millisecond), "ms", "")
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *Result) verdict() string {
	if len(r.Faults) == 0 {
		return "nothing lost, doubled or out of order"
	}
	var parts []string
	for kind, n := range r.Faults {
		parts = append(parts, fmt.Sprintf("%d %s", n, kind))
	}
	return "BROKEN: " + strings.Join(parts, ", ")
}

// print writes one scenario as a table for people.
func (r *Result) print(out io.Writer) {
	fmt.Fprintf(out, "%s: %s\n", r.Scenario, r.Setting)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range r.Figures {
		want := ""
		if f.Want != "" {
			want = "to reach " + f.Want
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", f.Name, digits(f.Value), f.Unit, want)
	}
	_ = w.Flush()
	t := r.Tally
	fmt.Fprintf(out, "  %d sent (%d duplicates), %d acks, %d deliveries, %d fetched", t.Sent+t.Duplicates, t.Duplicates, t.Acks, t.Deliveries, t.Fetched)
	for code, n := range t.Refused {
		fmt.Fprintf(out, ", %d refused as %s", n, code)
	}
	fmt.Fprintf(out, "; %d gaps, %d resyncs, %d resets, %d held back\n", t.Gaps, t.Resyncs, t.Resets, t.Held)
	for _, n := range r.Notes {
		fmt.Fprintf(out, "  note: %s\n", n)
	}
	for _, f := range r.Examples {
		fmt.Fprintf(out, "  %s: %s\n", f.Kind, f.Detail)
	}
	fmt.Fprintf(out, "  %s\n", r.verdict())
}

// digits shows three figures that matter, and whole numbers above a thousand with separators.
func digits(v float64) string {
	switch {
	case v >= 1000:
		s := fmt.Sprintf("%.0f", v)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (r *Report) write(path string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
