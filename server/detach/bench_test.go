package detach_test

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/aichat-term/aichat/server/detach"
)

// BenchmarkAnswer is one short stream after the other over a connection that is
// kept: what giving it away and back costs.
func BenchmarkAnswer(b *testing.B) {
	for name, handle := range map[string]http.HandlerFunc{
		"attached": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "one")
			_ = http.NewResponseController(w).Flush()
		},
		"detached": func(w http.ResponseWriter, r *http.Request) {
			a, err := detach.Take(w, r)
			if err != nil {
				b.Error(err)
				return
			}
			go func() {
				_, _ = a.Write([]byte("one"))
				a.End()
			}()
		},
	} {
		b.Run(name, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			server := &http.Server{Handler: handle}
			go func() { _ = detach.Serve(server, l) }()
			defer func() { _ = server.Close() }()
			client := &http.Client{Transport: &http.Transport{}}
			b.ReportAllocs()
			for b.Loop() {
				resp, err := client.Get("http://" + l.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			client.CloseIdleConnections()
		})
	}
}
