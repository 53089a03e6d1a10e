package client_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// TestServerSaysWhenToReturn honours Retry-After and retry.
func TestServerSaysWhenToReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		transport, asked := scripted(
			tell("retry: 4000\n\n"+tellTurn+tellHello),
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, RetryAfter: 7}),
			func(r *http.Request) (*http.Response, error) { // a proxy's page
				return respond(r, 502, "text/html", io.NopCloser(strings.NewReader("<h1>Bad gateway")), "Retry-After", "9"), nil
			},
			tell(tellTurn+tellWorld+tellEnd),
		)
		h, err := listen(t.Context(), mustStart(t, transport))
		if !errors.Is(err, io.EOF) || len(h.deltas) != 2 || h.lost != 3 || h.found != 1 {
			t.Errorf("heard %+v, %v", h, err)
		}
		if took := time.Since(began); took < 20*time.Second || took > 22*time.Second {
			t.Errorf("came back after %v, asked for were 4 s, 7 s and 9 s", took)
		}
		if !slices.Equal(*asked, []string{"POST", "GET 5", "GET 5", "GET 5"}) {
			t.Errorf("asked %q", *asked)
		}
	})
}

// TestServerAboutToRestart refuses the first POST and says to come back soon.
func TestServerAboutToRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport, asked := scripted(
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, RetryAfter: 2}),
			tell(tellTurn+tellHello+tellWorld+tellEnd),
		)
		h, err := listen(t.Context(), mustStart(t, transport))
		if !errors.Is(err, io.EOF) || len(h.deltas) != 2 || h.lost != 1 || h.found != 1 {
			t.Errorf("heard %+v, %v", h, err)
		}
		if !slices.Equal(*asked, []string{"POST", "POST"}) {
			t.Errorf("asked %q", *asked)
		}
	})
}

func TestRefusedAtFirst(t *testing.T) {
	t.Parallel()
	for _, p := range []wire.Problem{
		{Status: 401, Code: wire.Unauthenticated, Detail: "Sign in."},
		{Status: 404, Code: wire.NotFound, Detail: "No such conversation."},
		{Status: 409, Code: wire.TurnRunning, Subject: "other", Detail: "Another turn runs."},
		{Status: 429, Code: wire.RateLimited, RetryAfter: 1, Detail: "Later."},
		{Status: 503, Code: wire.Unavailable, Detail: "The database is away."},
		{Status: 503, Code: wire.Unavailable, RetryAfter: 600, Detail: "Closed for the night."},
	} {
		transport, asked := scripted(fails(p))
		_, err := start(t, transport, client.Retry{})
		var refusal *client.Error
		if !errors.As(err, &refusal) || refusal.Problem != p || client.CodeOf(err) != p.Code || err.Error() != p.Detail {
			t.Errorf("%s: error is %#v", p.Code, err)
		}
		if len(*asked) != 1 {
			t.Errorf("%s: asked %d times", p.Code, len(*asked))
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	_ = listener.Close()
	_, err = newClient(t, url, client.Options{}).StartTurn(t.Context(), convID, question)
	var unreachable *client.UnreachableError
	if !errors.As(err, &unreachable) || unreachable.URL != url || unreachable.Local || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error is %v", err)
	}
}

// TestLastWords: a server that says why it goes, and then is gone, is quoted.
func TestLastWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
		transport, _ := scripted(tell(tellTurn+tellHello),
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, Detail: "The server is about to stop."}), refused)
		_, err := listen(t.Context(), mustStart(t, transport))
		var gone *client.UnreachableError
		if !errors.As(err, &gone) || gone.Last == nil || gone.Last.Detail != "The server is about to stop." {
			t.Errorf("error is %v", err)
		}
	})
}
