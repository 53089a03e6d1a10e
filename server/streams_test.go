package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/servertest"
)

// A connection serves on after a stream, at each door, and is whose it was.
func TestAConnectionServesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.servesOn(false, func() string { w.vendor.say("Hi", ""); return testModel })
	socket := w.server.SocketTransport()
	t.Cleanup(socket.CloseIdleConnections)
	w.http = &http.Client{Transport: socket}
	w.servesOn(true, func() string { return "demo/demo" }) // the operator's providers are not the local owner's
}

// servesOn asks for streams and other things in turns, of one connection.
func (w *world) servesOn(local bool, model func() string) {
	w.t.Helper()
	fresh := 0
	ctx := httptrace.WithClientTrace(w.t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		if !c.Reused {
			fresh++
		}
	}})
	read := func(resp *http.Response) string {
		defer func() { _ = resp.Body.Close() }()
		raw, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			w.t.Errorf("%d %s, %v", resp.StatusCode, raw, err)
		}
		return string(raw)
	}
	for range 3 {
		a := newAsking()
		body := a.body()
		body.Model = model()
		path := wire.ConversationPath(a.conversation, wire.BelowTurns)
		if got := read(w.request(ctx, "POST", path, body, "Accept", "text/event-stream")); !strings.Contains(got, "event: "+wire.EventCompleted) {
			w.t.Error(got)
		}
		var me wire.Me
		if decode(w.t, []byte(read(w.request(ctx, "GET", wire.PathMe, nil))), &me); me.Local != local {
			w.t.Errorf("%+v", me)
		}
	}
	if fresh != 1 {
		w.t.Errorf("%d connections", fresh)
	}
}

// Promise 22: a stream whose client does not listen holds a stopping server up no
// longer than its last words may take.
func TestStoppingBesideADeafClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", func(o *servertest.Options) { o.Grace = 0 })
	a := newAsking()
	body := a.body()
	body.MaxTokens = new(int64(1 << 20)) // or the answer is cut before it is as long as this needs
	s := w.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body)
	s.until(wire.EventTurn)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", wire.TurnPath(a.answer, wire.BelowEvents), w.token); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReaderSize(conn, 16).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	piece := strings.Repeat("x", 32<<10)
	for said, heard := 0, 0; said < 8<<20; { // more than the sockets' buffers take
		w.vendor.say(piece)
		for said += len(piece); heard < said; {
			heard += len(text(t, s.until(wire.EventDelta)))
		}
	}
	if err := w.server.Stop(); err != nil {
		t.Error(err)
	}
	if name, _ := ended(t, s.rest()); name != wire.EventInterrupted {
		t.Errorf("the other client heard %s", name)
	}
}
