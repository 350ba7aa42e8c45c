package ws

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strings"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
)

// sendBuffer bounds what the kernel keeps unsent for a connection. Left alone it grows to 4 MiB for a
// reader that never reads; this fits a second of a busy room.
const sendBuffer = 128 << 10

// checkOrigin refuses requests a foreign page makes a browser send. A WebSocket upgrade is a GET and
// carries the cookie, whatever page opens it, so the Origin must be there and be exactly the public
// one. No page can make a browser send an Authorization header with an upgrade: with one the Origin
// may be left out, as clients that are no browsers do.
func checkOrigin(r *http.Request, public string) error {
	origins := r.Header.Values("Origin")
	switch {
	case len(origins) == 1 && origins[0] != "" && origins[0] == public:
		return nil
	case len(origins) == 0 && r.Header.Get("Authorization") != "":
		return nil
	}
	return myna.Errorf(myna.Denied, myna.CodeWrongOrigin, "the Origin of this request is not the address of this server, which is %s", public)
}

// canonical is an origin the way browsers write it: lower case, without the scheme's own port.
func canonical(origin string) string {
	origin = strings.ToLower(origin)
	if rest, ok := strings.CutSuffix(origin, ":443"); ok && strings.HasPrefix(origin, "https://") {
		return rest
	}
	if rest, ok := strings.CutSuffix(origin, ":80"); ok && strings.HasPrefix(origin, "http://") {
		return rest
	}
	return origin
}

// upgrade does the handshake and takes the connection from net/http. The answer is not written yet: it
// goes out in front of the first frame, in one write. After an error the request is answered.
func (h *Handler) upgrade(w http.ResponseWriter, r *http.Request) (*conn, error) {
	var answer bytes.Buffer
	out := bufio.NewWriterSize(&answer, 256)
	socket, rw, _, err := ws.HTTPUpgrader{}.Upgrade(r, &held{ResponseWriter: w, out: out})
	if err != nil {
		if socket != nil {
			_, _ = socket.Write(answer.Bytes())
			_ = socket.Close()
		}
		return nil, err
	}
	c := &conn{h: h, shard: h.shards[h.next.Add(1)%uint32(len(h.shards))]}
	early, _ := rw.Reader.Peek(rw.Reader.Buffered()) // frames sent before our answer
	c.in.partial = append(c.in.partial, early...)
	c.Greet(answer.Bytes())
	if c.sock, err = h.socket(socket); err != nil {
		_ = socket.Close()
		return nil, err
	}
	return c, nil
}

// socket takes over what the upgrade leaves.
func (h *Handler) socket(socket net.Conn) (sock, error) {
	tcp, plain := socket.(*net.TCPConn)
	if !plain || h.poller == nil {
		return &stream{Conn: socket, room: make(chan struct{}, 1)}, nil
	}
	// These fail on a broken line only, which will be noticed soon enough.
	_ = tcp.SetWriteBuffer(sendBuffer)
	_ = tcp.SetKeepAlive(false) // our own pings do that
	return h.poller.take(tcp)
}

// held is a ResponseWriter that keeps the handshake's answer back.
type held struct {
	http.ResponseWriter
	out *bufio.Writer
}

func (w *held) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	socket, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return socket, bufio.NewReadWriter(rw.Reader, w.out), nil
}
