package ws

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/myna-chat/myna/internal/chat"
)

var soak = flag.Bool("soak", false, "measure memory and CPU with thousands of connections (about a minute)")

// TestSoak measures what `myna load` measures from outside, for work on this package: memory of an idle
// connection, CPU to accept one, CPU of a delivery to a crowd. The clients are a process of their own.
// It asserts nothing: run it with
//
//	go test ./internal/ws -run 'TestSoak$' -soak -v
func TestSoak(t *testing.T) {
	if !*soak {
		t.Skip("only with -soak")
	}
	const idle, crowd, messages = 5000, 1000, 500
	n := start(t)
	people := n.people(idle)
	for i := 0; i < idle; i += 10 {
		n.room(people[i : i+10]...)
	}
	room := n.room(people[:crowd]...)

	rss, cpu := resident(t), spent(t)
	stop := clients(t, n.url, people)
	n.wantSessions(t, idle)
	t.Logf("CPU to accept one: %.3f ms", (spent(t)-cpu).Seconds()*1000/idle)
	t.Logf("RSS a connection: %.2f KB", float64(resident(t)-rss)/idle/1000)
	cpu = spent(t)
	time.Sleep(30 * time.Second)
	t.Logf("CPU while idle: %.2f%% of a core", (spent(t)-cpu).Seconds()/30*100)

	for _, rate := range []int{50, 200, 400} {
		cpu = spent(t)
		var all sync.WaitGroup
		for i := range messages {
			all.Add(1)
			n.chat.PostAsync(t.Context(), people[i%crowd].principal(), chat.PostInput{Room: room, Nonce: nonce(), Text: strings.Repeat("a", 200)},
				func(_ chat.Posted, err error) {
					if err != nil {
						t.Error(err)
					}
					all.Done()
				})
			time.Sleep(time.Second / time.Duration(rate))
		}
		all.Wait()
		time.Sleep(time.Second)
		t.Logf("CPU of a delivery to %d at %d messages/s: %.2f µs", crowd, rate, (spent(t)-cpu).Seconds()*1e6/messages/crowd)
	}
	stop()
	n.wantSessions(t, 0)
}

// clients starts the process that holds the connections; it ends when its input ends.
func clients(t *testing.T, url string, people []person) (stop func()) {
	tokens := make([]string, len(people))
	for i, p := range people {
		tokens[i] = p.token
	}
	list, err := json.Marshal(tokens)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSoakClients$")
	cmd.Env = append(os.Environ(), "MYNA_SOAK_URL="+url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(append(list, '\n')); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// TestSoakClients is the other process of TestSoak.
func TestSoakClients(t *testing.T) {
	url := os.Getenv("MYNA_SOAK_URL")
	if url == "" {
		t.Skip("started by TestSoak")
	}
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	if err := json.Unmarshal(line, &tokens); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	var lines []net.Conn
	for _, token := range tokens {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, c)
		_, err = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n", token)
		if err != nil {
			t.Fatal(err)
		}
		b := bufio.NewReaderSize(c, 512)
		answer, err := http.ReadResponse(b, nil)
		if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%v %v", answer, err)
		}
		readers.Go(func() { swallow(c, b) })
	}
	_, _ = io.Copy(io.Discard, in)
	for _, c := range lines {
		_ = c.Close()
	}
	readers.Wait()
}

// swallow throws away what comes and answers pings, which are two bytes as this server sends them.
func swallow(c net.Conn, in io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := in.Read(buf)
		if err != nil {
			return
		}
		if bytes.HasSuffix(buf[:n], []byte{0x89, 0}) {
			if _, err := c.Write([]byte{0x8a, 0x80, 1, 2, 3, 4}); err != nil {
				return
			}
		}
	}
}

// resident is this process's memory after a collection, in bytes.
func resident(t *testing.T) int64 {
	for range 3 {
		runtime.GC()
		debug.FreeOSMemory()
		time.Sleep(300 * time.Millisecond)
	}
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// spent is this process's CPU time.
func spent(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
