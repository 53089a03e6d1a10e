package workspace_test

import (
	"context"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/workspace"
	"github.com/aichat-term/aichat/server/servertest" //nolint:depguard // it is tested against a whole server
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	tuitest.Conform(t, func(t *testing.T) tui.Backend {
		s := servertest.Start(t, servertest.Options{})
		c, err := client.New(client.Options{BaseURL: s.URL, Token: s.Token})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return workspace.New(c)
	})
}

// TestWatchTellsThatTheConnectionIsBack cuts the connections on their way.
func TestWatchTellsThatTheConnectionIsBack(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	server, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(server)
	proxy.FlushInterval = -1
	way := httptest.NewServer(proxy)
	t.Cleanup(way.Close)
	c, err := client.New(client.Options{BaseURL: way.URL, Token: s.Token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)

	told := make(chan tui.Change, 8)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- workspace.New(c).Watch(ctx, func(c tui.Change) { told <- c }) }()
	await := func(what string, is func(tui.Change) bool) {
		t.Helper()
		for timeout := time.After(tuitest.Deadline); ; {
			select {
			case c := <-told:
				if is(c) {
					return
				}
			case <-timeout:
				t.Fatalf("it is not told %s", what)
			}
		}
	}
	stands := func(c tui.Change) bool { return c == tui.Change{} }
	await("that the connection stands", stands)
	way.CloseClientConnections()
	await("that it was lost", func(c tui.Change) bool { return c.Lost != nil })
	await("that it is back", stands)
	cancel()
	if err := <-ended; err == nil {
		t.Error("it ended without a reason")
	}
}
