// Package binary builds the real program and runs it as a process of its own, for tests that want to
// know what people get: started with flags, reached over the network, stopped or killed.
//
// A Server is used by one goroutine at a time.
package binary

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	readyTimeout = 90 * time.Second // race-built, on a busy 2-core machine
	stopTimeout  = 60 * time.Second
	poll         = 20 * time.Millisecond
)

// Build compiles cmd/myna into dir and returns its path. MYNA_BIN names a program that is built already.
func Build(dir string) (string, error) {
	if path := os.Getenv("MYNA_BIN"); path != "" {
		return filepath.Abs(path)
	}
	path := filepath.Join(dir, "myna")
	args := []string{"build", "-o", path}
	if raceEnabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "github.com/myna-chat/myna/cmd/myna")...)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
}

// Options say how a Server is started.
type Options struct {
	Path string   // of the program
	Dir  string   // its working directory
	DB   string   // --db; "" for a SQLite file in Dir
	Base string   // path the server is mounted at: "" or "/chat"
	Args []string // more flags for serve
	Env  []string // besides the environment of the test, less MYNA_*
}

// Server is a running (or stopped) server. It keeps its address over restarts.
type Server struct {
	URL  string // what people type, without a slash at the end
	Addr string

	o       Options
	command *exec.Cmd
	log     *log
	ended   chan error
}

// New chooses an address and starts nothing.
func New(o Options) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	if o.DB == "" {
		o.DB = "sqlite:" + filepath.Join(o.Dir, "myna.db")
	}
	return &Server{URL: "http://" + addr + o.Base, Addr: addr, o: o, log: new(log)}, nil
}

// Command is the program with other words than serve, in the same place with the same database.
func (s *Server) Command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, s.o.Path, args...)
	command.Dir = s.o.Dir
	command.Env = append(environ(), "MYNA_DB="+s.o.DB, "MYNA_URL="+s.URL)
	command.Env = append(command.Env, s.o.Env...)
	return command
}

// Start runs the server and returns when it is ready to serve.
func (s *Server) Start(ctx context.Context, args ...string) error {
	serve := append([]string{"serve", "--listen", s.Addr, "--url", s.URL, "--db", s.o.DB, "--metrics-listen="}, s.o.Args...)
	s.command = s.Command(ctx, append(serve, args...)...)
	s.command.Stdout, s.command.Stderr = s.log, s.log
	if err := s.command.Start(); err != nil {
		return err
	}
	command, ended := s.command, make(chan error, 1)
	s.ended = ended
	go func() { ended <- command.Wait() }()
	return s.waitReady(ctx)
}

func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		answer, err := http.Get(s.URL + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.ended:
			s.command = nil
			return fmt.Errorf("the server ended at its start: %w\n%s", err, s.Log())
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w\n%s", ctx.Err(), s.Log())
		case <-time.After(poll):
		}
	}
}

// Pid of the running server.
func (s *Server) Pid() int { return s.command.Process.Pid }

// Running says whether there is a process to stop.
func (s *Server) Running() bool { return s.command != nil }

// Stop ends the server as an operator would and waits for it; an exit code other than 0 is an error.
func (s *Server) Stop() error { return s.end(syscall.SIGTERM) }

// Kill ends the server without any warning.
func (s *Server) Kill() error {
	err := s.end(syscall.SIGKILL)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

func (s *Server) end(signal syscall.Signal) error {
	if s.command == nil {
		return nil
	}
	command := s.command
	s.command = nil
	if err := command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("the server ended badly: %w\n%s", err, s.Log())
		}
		return nil
	case <-time.After(stopTimeout):
		_ = command.Process.Kill()
		return fmt.Errorf("the server did not end within %s\n%s", stopTimeout, s.Log())
	}
}

// Log is everything the server has printed so far, over all its starts.
func (s *Server) Log() string { return s.log.String() }

var setupLink = regexp.MustCompile(`https?://\S+/setup\S*`)

// SetupLink waits for the one-time link that the server prints while it has no owner.
func (s *Server) SetupLink(ctx context.Context) (string, error) {
	if err := s.UntilLogged(ctx, setupLink); err != nil {
		return "", err
	}
	return strings.Trim(setupLink.FindString(s.Log()), `"'.`), nil
}

// UntilLogged waits until the server has printed something that matches.
func (s *Server) UntilLogged(ctx context.Context, pattern *regexp.Regexp) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for !pattern.MatchString(s.Log()) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server prints nothing like %q:\n%s", pattern, s.Log())
		case <-time.After(poll):
		}
	}
	return nil
}

// environ is the test's environment without settings for a Myna of the person who runs the test.
func environ() []string {
	var kept []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "MYNA_") {
			kept = append(kept, setting)
		}
	}
	return kept
}

// log collects what a process prints while others read it.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
