// Package load is the load generator behind `myna load`: it drives a running server from a second
// process with real authenticated WebSocket clients, measures what that costs the server, and checks
// from the clients' own journals that nothing was lost, doubled or put out of order. The scenarios and
// what each figure means stand in docs/performance.md.
//
// It speaks only to loopback addresses, is bounded in count and time, and ends only the server it
// started itself. A run is one goroutine; nothing here is safe for concurrent use.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/myna-chat/myna/client"
)

// Bounds of a run.
const (
	maxUsers     = 20_000
	maxRate      = 100_000 // messages a second
	maxBytes     = 16 << 10
	maxFor       = 10 * time.Minute
	maxInFlight  = 100_000
	defaultBytes = 200
	setupWait    = 5 * time.Minute // the bulk route on a slow engine
)

// Flags are the command line of `myna load`.
type Flags struct {
	Scenarios   []string      `arg:"" optional:"" name:"scenario" help:"idle, crowd, crowd-max, rooms, send, storm, slow, overload; all if left out."`
	URL         string        `name:"url" default:"http://127.0.0.1:8080" help:"Server to drive, started with --allow-load-test. Loopback only."`
	Spawn       bool          `help:"Start a server for each scenario, with a data directory of its own, and end it afterwards."`
	Binary      string        `placeholder:"FILE" help:"With --spawn: the binary to start (default: this one)."`
	DB          string        `name:"db" placeholder:"URL" help:"With --spawn: its database (default: SQLite in the data directory)."`
	ServeFlag   []string      `placeholder:"FLAG" sep:"none" help:"With --spawn: one more flag of myna serve; may be repeated."`
	PID         int           `name:"pid" help:"Process whose CPU and memory are measured (default: what the server says)."`
	DatabasePID int           `name:"database-pid" help:"Root process of the database, whose CPU is measured with its children."`
	Metrics     string        `placeholder:"URL" help:"Second listener of a running server, to have its memory collected before it is measured."`
	Users       int           `help:"People of the scenario (default: its own number)."`
	Rate        float64       `help:"Messages a second of crowd, rooms and slow (default: the scenario's own)."`
	Bytes       int           `help:"Length of a message's text (default: 200; slow: 4096)."`
	For         time.Duration `name:"for" default:"20s" help:"Length of the measured stretch."`
	Idle        time.Duration `default:"50s" help:"How long idle connections are watched: two rounds of pings."`
	InFlight    int           `help:"Posts under way in all in send (default: the best of several)."`
	Duplicates  float64       `help:"Share of posts that are sent twice with the same nonce, 0 to 1."`
	Max         bool          `help:"crowd: search for the highest rate with p99 up to 500 ms."`
	JSON        string        `name:"json" placeholder:"FILE" help:"Write the report there too."`
}

// ErrBroken is what Run gives when a scenario saw a promise broken; everything is printed before.
var ErrBroken = errors.New("a promise was broken: see the faults above")

// Run carries out the scenarios one after the other and prints what they measured.
func Run(ctx context.Context, f Flags, out io.Writer) error {
	if f.Spawn && (f.PID != 0 || f.Metrics != "") {
		return errors.New("--pid and --metrics are for a server that runs already: leave them out with --spawn")
	}
	chosen, err := choose(f)
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	raiseFileLimit()
	report := &Report{Command: strings.Join(os.Args, " "), Started: time.Now().UTC(), Machine: machine()}
	broken := false
	for _, s := range chosen {
		result, err := runOne(ctx, f, s, out)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		result.print(out)
		broken = broken || len(result.Faults) > 0
		report.Results = append(report.Results, *result)
		if f.JSON != "" { // after each: a run that is cut short leaves what it has
			if err := report.write(f.JSON); err != nil {
				return err
			}
		}
	}
	if broken {
		return ErrBroken
	}
	return nil
}

func (f Flags) check() error {
	switch {
	case f.Users < 0 || f.Users > maxUsers:
		return fmt.Errorf("--users must be up to %d", maxUsers)
	case f.Rate < 0 || f.Rate > maxRate:
		return fmt.Errorf("--rate must be up to %d messages a second", maxRate)
	case f.Bytes < 0 || f.Bytes > maxBytes:
		return fmt.Errorf("--bytes must be up to %d", maxBytes)
	case f.For <= 0 || f.For > maxFor || f.Idle < 0 || f.Idle > maxFor:
		return fmt.Errorf("--for and --idle must be up to %s", maxFor)
	case f.InFlight < 0 || f.InFlight > maxInFlight:
		return fmt.Errorf("--in-flight must be up to %d", maxInFlight)
	case f.Duplicates < 0 || f.Duplicates > 1:
		return errors.New("--duplicates must be between 0 and 1")
	}
	return nil
}

// scenario is one way to drive a server.
type scenario struct {
	name  string
	users int
	rate  float64
	bytes int
	run   func(context.Context, *run) error
}

func scenarios() []scenario {
	return []scenario{
		{"idle", 5_000, 0, defaultBytes, idle},
		{"crowd", 1_000, 50, defaultBytes, crowd},
		{"crowd-max", 1_000, 0, defaultBytes, crowdMax},
		{"rooms", 5_000, 1_000, defaultBytes, rooms},
		{"send", 0, 0, defaultBytes, send},
		{"storm", 5_000, 0, defaultBytes, storm},
		{"slow", 200, 50, 4 << 10, slow},
		{"overload", 200, 0, defaultBytes, overload},
	}
}

func choose(f Flags) ([]scenario, error) {
	all := scenarios()
	var chosen []scenario
	for _, name := range f.Scenarios {
		if name == "all" {
			return all, nil
		}
		if name == "crowd" && f.Max {
			name = "crowd-max"
		}
		i := slices.IndexFunc(all, func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no scenario %q: use idle, crowd, crowd-max, rooms, send, storm, slow, overload or all", name)
		}
		chosen = append(chosen, all[i])
	}
	if len(chosen) == 0 {
		return all, nil
	}
	return chosen, nil
}

// runOne carries out one scenario against a fleet and, with --spawn, a server of its own.
func runOne(ctx context.Context, f Flags, s scenario, out io.Writer) (*Result, error) {
	srv, err := openServer(ctx, f)
	if err != nil {
		return nil, err
	}
	defer srv.close()
	api, err := client.New(srv.base.String(), "", &http.Client{Timeout: setupWait})
	if err != nil {
		return nil, err
	}
	fl, err := newFleet(api, srv.base)
	if err != nil {
		return nil, err
	}
	defer fl.close()
	r := &run{flags: f, scenario: s, server: srv, fleet: fl, progress: newProgress(out), result: &Result{Scenario: s.name}}
	r.users, r.rate = s.users, s.rate
	if f.Users > 0 {
		r.users = f.Users
	}
	if f.Rate > 0 {
		r.rate = f.Rate
	}
	fl.setTextLen(s.bytes)
	if f.Bytes > 0 {
		fl.setTextLen(f.Bytes)
	}
	fl.duplicates = f.Duplicates
	fl.progress = func() { r.progress.show(r.status()) }
	began := time.Now()
	if err := s.run(ctx, r); err != nil {
		r.progress.end()
		return nil, err
	}
	r.progress.end()
	fl.finish(fl.listeners())
	r.result.Tally, r.result.Seconds = fl.tally, time.Since(began).Seconds()
	if !fl.ok() {
		r.result.Faults, r.result.Examples = fl.counts, fl.faults
	}
	if fl.tally.Lag > 50*time.Millisecond {
		r.result.note("the generator itself was late by up to %s", fl.tally.Lag.Round(time.Millisecond))
	}
	return r.result, nil
}
