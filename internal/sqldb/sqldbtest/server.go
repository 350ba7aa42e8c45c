package sqldbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "github.com/go-sql-driver/mysql" // the drivers by name, for the statements that make databases
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/myna-chat/myna/internal/sqldb"
)

const (
	readyTimeout = 90 * time.Second // a busy 2-core machine takes its time
	readyPoll    = 50 * time.Millisecond
	logTail      = 2 << 10 // bytes of a server's log shown when it does not start
)

// mode says whether a server waits for the disk.
type mode uint8

const (
	fast mode = iota
	durable
)

// server is a running database server.
type server struct {
	driver string         // database/sql's name of it
	admin  string         // DSN of a database that is always there
	url    string         // ours, with %s for the database
	drop   string         // statement, with %s for the database
	leash  io.WriteCloser // the keeper's standard input; held, because the garbage collector would close it
}

// recipe is how an engine's server is made.
type recipe struct {
	user    string   // who runs it when we are root: neither server starts as root
	signal  string   // what ends it at once; its files are not needed any more
	install []string // command that makes the data directory
	serve   []string
	server  server
}

var errMissing = errors.New("is not installed")

func missing(err error) bool { return errors.Is(err, errMissing) }

// servers are the servers of this process, each started when it is first asked for.
type servers struct {
	mu      sync.Mutex
	count   int
	started map[string]func() (*server, error)
}

// running is the package's only state: a test process has one server of a kind.
var running = &servers{started: make(map[string]func() (*server, error))}

func (s *servers) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return s.count
}

func (s *servers) get(engine sqldb.Engine, mode mode) (*server, error) {
	key := fmt.Sprint(engine, mode)
	s.mu.Lock()
	start, ok := s.started[key]
	if !ok {
		start = sync.OnceValues(func() (*server, error) { return startServer(engine, mode) })
		s.started[key] = start
	}
	s.mu.Unlock()
	return start()
}

func startServer(engine sqldb.Engine, mode mode) (*server, error) {
	dir, err := os.MkdirTemp("", "myna-"+name(engine)+"-")
	if err != nil {
		return nil, err
	}
	make := postgresRecipe
	if engine == sqldb.MySQL {
		make = mariadbRecipe
	}
	r, err := make(dir, mode)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := r.start(dir); err != nil {
		return nil, fmt.Errorf("start %s in %s: %w", engine, dir, err)
	}
	return &r.server, nil
}

func (r *recipe) start(dir string) error {
	account, err := accountFor(r.user, dir)
	if err != nil {
		return err
	}
	install := exec.Command(r.install[0], r.install[1:]...)
	install.Dir, install.SysProcAttr = dir, account
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(r.install[0]), err, tail(out))
	}
	// A shell stands between us and the server. It waits for the end of its standard input, which comes
	// when this process ends in whatever way, then ends the server and removes the directory.
	const keeper = `(sh -c 'echo $$ >pid; exec "$@"' sh "$@" >log 2>&1 </dev/null; : >ended) &
read -r _; while kill -$SIGNAL $(cat pid); do sleep 0.2; done 2>/dev/null; wait; cd /; rm -rf "$DIR"`
	serve := exec.Command("sh", slices.Concat([]string{"-c", keeper, "sh"}, r.serve)...)
	serve.Dir, serve.SysProcAttr = dir, account
	serve.Env = append(os.Environ(), "SIGNAL="+r.signal, "DIR="+dir)
	if r.server.leash, err = serve.StdinPipe(); err != nil {
		return err
	}
	if err := serve.Start(); err != nil {
		return err
	}
	return r.server.wait(dir)
}

// wait returns when the server answers.
func (s *server) wait(dir string) error {
	db, err := sql.Open(s.driver, s.admin)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		_, ended := os.Stat(filepath.Join(dir, "ended"))
		if ended == nil || ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("it does not answer: %w: %s", err, tail(log))
		}
		time.Sleep(readyPoll)
	}
}

func tail(log []byte) string {
	return strings.TrimSpace(string(log[max(0, len(log)-logTail):]))
}

// binary finds a program on the path or where distributions put servers; of several versions the last.
func binary(program string, places ...string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, place := range places {
		found, _ := filepath.Glob(filepath.Join(place, program))
		if len(found) > 0 {
			slices.Sort(found)
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%s %w", program, errMissing)
}
