package server

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"golang.org/x/crypto/acme"

	"github.com/myna-chat/myna/internal/config"
)

// TestOnlyHTTP1 offers HTTP/2 in the TLS handshake, which is not taken up. Let's Encrypt's challenge still
// is.
func TestOnlyHTTP1(t *testing.T) {
	s := &Server{config: &config.Config{TLSDomains: []string{"myna.example"}, TLSCache: t.TempDir()}, log: slog.New(slog.DiscardHandler)}
	server := s.httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.TLSConfig = s.tls()
	if !slices.Contains(server.TLSConfig.NextProtos, acme.ALPNProto) {
		t.Errorf("the challenge is missing in %v", server.TLSConfig.NextProtos)
	}
	borrowed := httptest.NewTLSServer(nil)
	defer borrowed.Close()
	server.TLSConfig.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &borrowed.TLS.Certificates[0], nil }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(listener, "", "") }()
	defer func() {
		_ = server.Close()
		<-ended
	}()
	for offer, want := range map[string]string{"http/1.1": "http/1.1", "h2": ""} {
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{offer}})
		if err != nil { // nothing in common
			if want != "" {
				t.Errorf("offered %s: %v", offer, err)
			}
			continue
		}
		if got := conn.ConnectionState().NegotiatedProtocol; got != want {
			t.Errorf("offered %s: speaks %q", offer, got)
		}
		_ = conn.Close()
	}
}
