package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	startWait = 90 * time.Second // a server that migrates an empty database on a busy machine
	stopWait  = 20 * time.Second
	settleMax = 20 * time.Second // for memory to stop moving
	logTail   = 2 << 10
)

// server is the server under load: one that runs already, or one this run starts and ends.
type server struct {
	base    *url.URL
	pid     int // 0: not known, no CPU and memory
	dbPID   int
	metrics string // base address of the second listener, "" if not known
	binary  string
	dir     string
	db      string
	flags   []string
	cmd     *exec.Cmd
	ended   chan error // the end of cmd, told once
	log     *os.File
}

func cores() int { return runtime.NumCPU() }

// openServer prepares the server a scenario drives; with --spawn it has a data directory of its own.
func openServer(ctx context.Context, f Flags) (*server, error) {
	s := &server{pid: f.PID, dbPID: f.DatabasePID, metrics: f.Metrics}
	if !f.Spawn {
		base, err := url.Parse(f.URL)
		if err != nil {
			return nil, fmt.Errorf("%q is not an address: %w", f.URL, err)
		}
		s.base = base
		_, err = targetOf(base)
		return s, err
	}
	var err error
	if s.binary = f.Binary; s.binary == "" {
		if s.binary, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find the own binary: %w", err)
		}
	}
	if s.dir, err = os.MkdirTemp("", "myna-load-"); err != nil {
		return nil, fmt.Errorf("make a data directory: %w", err)
	}
	if s.log, err = os.Create(filepath.Join(s.dir, "server.log")); err != nil {
		s.close()
		return nil, fmt.Errorf("make the server's log: %w", err)
	}
	s.db, s.flags = f.DB, f.ServeFlag
	if s.db == "" {
		s.db = "sqlite:" + filepath.Join(s.dir, "myna.db")
	}
	if err := s.start(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// start runs the binary and waits until it serves.
func (s *server) start(ctx context.Context) error {
	listen, err := freePort()
	if err != nil {
		return err
	}
	second, err := freePort()
	if err != nil {
		return err
	}
	s.base = &url.URL{Scheme: "http", Host: listen}
	s.metrics = "http://" + second
	args := append([]string{
		"serve", "--listen", listen, "--url", s.base.String(), "--metrics-listen", second, "--db", s.db, "--data", s.dir, "--allow-load-test",
	}, s.flags...)
	s.cmd = exec.Command(s.binary, args...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MYNA_") })
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return fmt.Errorf("start %s: %w", s.binary, err)
	}
	s.pid = s.cmd.Process.Pid
	cmd, ended := s.cmd, make(chan error, 1)
	s.ended = ended
	go func() { ended <- cmd.Wait() }()
	return s.await(ctx)
}

// await waits until the started server is ready.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	for {
		if getOK(ctx, s.base.JoinPath("readyz").String()) == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not get ready: %w\n%s", s.binary, ctx.Err(), s.tail())
		case err := <-s.ended:
			s.cmd = nil
			return fmt.Errorf("%s ended before it was ready: %w\n%s", s.binary, err, s.tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server this run started, and nothing else.
func (s *server) stop() error {
	if s.cmd == nil {
		return nil
	}
	cmd := s.cmd
	s.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("end the server: %w", err)
	}
	late := time.AfterFunc(stopWait, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := <-s.ended; err != nil {
		return fmt.Errorf("the server ended badly: %w\n%s", err, s.tail())
	}
	return nil
}

// restart gives a fresh process on the same data, so that memory taken by the set-up is not counted.
// It does nothing to a server this run did not start.
func (s *server) restart(ctx context.Context) error {
	if s.cmd == nil {
		return nil
	}
	if err := s.stop(); err != nil {
		return err
	}
	return s.start(ctx)
}

func (s *server) close() {
	_ = s.stop()
	if s.log != nil {
		_ = s.log.Close()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

func (s *server) tail() string {
	b, _ := os.ReadFile(s.log.Name())
	return string(b[max(0, len(b)-logTail):])
}

// collect asks the server for a garbage collection, if its second listener is known.
func (s *server) collect(ctx context.Context) {
	if s.metrics == "" {
		return
	}
	for range 2 { // what the first frees of finalizers and pools, the second takes
		_ = getOK(ctx, s.metrics+"/debug/pprof/heap?gc=1")
	}
}

func getOK(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err // names the address
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<20))
	if res.StatusCode != http.StatusOK {
		return errors.New(address + " answered " + res.Status)
	}
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
