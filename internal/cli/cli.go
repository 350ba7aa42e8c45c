// Package cli is the command line: it reads words, flags and settings, calls the functions everything
// else calls too, and prints what they say for people or, with --json, for programs.
//
// The exit code is 0 when it worked, 1 when it failed, and 2 when the words or the settings were wrong.
// Commands that change something work beside a running server: it notices within a second.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/myna-chat/myna/internal/config"
	"github.com/myna-chat/myna/internal/load"
)

const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the whole command line.
type commands struct {
	Serve   serveCmd   `cmd:"" default:"withargs" help:"Serve (also without any word)."`
	User    userCmd    `cmd:"" help:"Add, list, disable people; give somebody a new password."`
	Session sessionCmd `cmd:"" help:"List and end sessions of people."`
	Doctor  doctorCmd  `cmd:"" help:"Look at the settings, the database, the disk and the clock, and say what is wrong."`
	Load    loadCmd    `cmd:"" help:"Drive a test server with thousands of clients and measure it."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// program is what a command works with besides its flags.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	sources        *config.Sources
}

// Run carries out one command and returns the exit code. It ends early, in good order, on SIGINT and
// SIGTERM.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, sources: config.NewSources()}
	err := p.run(ctx, args)
	var wrong *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "myna: %v\n", err)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "myna: %v\n", err)
		return exitFailed
	}
}

// helped ends parsing after --help was answered; kong wants to leave the process there.
type helped struct{}

func (p *program) run(ctx context.Context, args []string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helped); !ok {
				panic(r)
			}
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("myna"),
		kong.Description("A self-hosted chat server. Settings come from flags, then MYNA_… variables, then the TOML file of --config."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { panic(helped{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
		p.sources.Option(),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return &usageError{err}
	}
	return command.Run()
}

// usageError is the asker's own mistake: words, flags or settings.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// output is for commands that can answer programs as well as people.
type output struct {
	JSON bool `name:"json" help:"Answer in JSON."`
}

// print shows value as JSON or calls text for people.
func (o output) print(p *program, value any, text func(w io.Writer)) error {
	if !o.JSON {
		text(p.stdout)
		return nil
	}
	e := json.NewEncoder(p.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

type loadCmd struct {
	load.Flags
}

func (c *loadCmd) Run(ctx context.Context, p *program) error {
	return load.Run(ctx, c.Flags, p.stdout)
}
