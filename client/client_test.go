package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// localTransport says of itself that it is local.
type localTransport struct{ inMemory }

func (localTransport) Local() bool { return true }

func TestAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://chat.example.com":        "",
		"https://chat.example.com:8443/x": "",
		"http://localhost:8080/":          "",
		"http://127.0.0.1":                "",
		"http://127.9.9.9:1":              "",
		"http://[::1]:8080":               "",
		"http://chat.example.com":         "is not encrypted",
		"http://127.0.0.1.example.com":    "is not encrypted",
		"http://0.0.0.0:8080":             "is not encrypted",
		"chat.example.com":                "not of the form",
		"ftp://chat.example.com":          "not of the form",
		"https://":                        "not of the form",
		"":                                "not of the form",
		"https://u:p@chat.example.com":    "more than scheme",
		"https://chat.example.com/?a=b":   "more than scheme",
		"https://chat example.com":        "address",
	} {
		_, err := client.New(client.Options{BaseURL: address, Token: "t"})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: the error shows the password", address)
		}
	}
}

func TestATokenThatCannotBeOne(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"aichat_pat_a\naichat_pat_b", "a b", "ü"} {
		_, err := client.New(client.Options{BaseURL: "https://chat.example.com", Token: token})
		if err == nil || !strings.Contains(err.Error(), "copy it again") || strings.Contains(err.Error(), token) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestProviderKeysStayHere(t *testing.T) {
	t.Parallel()
	env := wire.ProviderEnv{"OPENAI_API_KEY": "sk-ü"}
	if _, err := client.New(client.Options{BaseURL: "https://chat.example.com", ProviderEnv: env}); err == nil {
		t.Error("keys were accepted for a remote server")
	}
	var got wire.ProviderEnv
	c := newClient(t, "http://localhost", client.Options{ProviderEnv: env, Transport: localTransport{
		func(r *http.Request) (*http.Response, error) {
			err := json.Unmarshal([]byte(r.Header.Get(wire.HeaderProviderKeys)), &got)
			return respond(r, 200, "application/json", io.NopCloser(strings.NewReader("{}"))), err
		}}})
	if _, err := c.Models(t.Context()); err != nil || got["OPENAI_API_KEY"] != "sk-ü" {
		t.Errorf("sent %v, %v", got, err)
	}
}

// TestHeaders are what every request carries.
func TestHeaders(t *testing.T) {
	t.Parallel()
	var got http.Header
	c := newClient(t, "https://chat.example.com/base/", client.Options{
		Token: "secret", Account: "acc", Version: "1.2.3",
		Transport: inMemory(func(r *http.Request) (*http.Response, error) {
			got = r.Header
			if r.URL.String() != "https://chat.example.com/base/api/v1/conversations/a%2Fb/restore" {
				t.Errorf("asked %s", r.URL)
			}
			return respond(r, 200, "application/json", io.NopCloser(strings.NewReader("{}"))), nil
		}),
	})
	if _, err := c.RestoreConversation(t.Context(), "a/b"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer secret", wire.HeaderAccount: "acc", wire.HeaderVersion: "1.2.3",
		wire.HeaderMinServer: version.MinServer, "User-Agent": "aichat/1.2.3", "Accept": "application/json",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
}

// TestRedirect is not followed: a token would go with it.
func TestRedirect(t *testing.T) {
	t.Parallel()
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the thief was called") }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL+"/login?next=secret", status)
		}))
		c := newClient(t, server.URL, client.Options{Token: "secret"})
		_, err := c.Me(t.Context())
		_, streamErr := c.StartTurn(t.Context(), convID, question)
		for _, err := range []error{err, streamErr} {
			var protocol *client.ProtocolError
			if !errors.As(err, &protocol) || !strings.Contains(err.Error(), thief.URL) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%d: %v", status, err)
			}
		}
		server.Close()
	}
}

// TestAnswersThatAreNoneOfOurs name what was asked and what came.
func TestAnswersThatAreNoneOfOurs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, mediaType, body string
		status                int
		headers               []string
		want                  string // in a *ProtocolError; empty: an *Error with code
		code                  wire.Code
		retry                 int64
	}{
		{name: "a page", status: 200, mediaType: "text/html", body: "<html>", want: "answered with a web page"},
		{name: "another program", status: 404, mediaType: "text/plain", body: "404", want: "answered 404 Not Found with text/plain"},
		{name: "no type", status: 200, mediaType: "", body: "{}", want: "something without a type"},
		{name: "broken JSON", status: 200, mediaType: "application/json", body: "{", want: "JSON that is not understood"},
		{name: "broken problem", status: 400, mediaType: wire.ProblemType, body: "{", want: "cannot be read"},
		{name: "too old", status: 200, mediaType: "application/json", body: "{}",
			headers: []string{wire.HeaderVersion, "0.0.9"}, want: "needs " + version.MinServer},
		{name: "gateway", status: 502, mediaType: "text/html", body: "<html>", code: wire.Unavailable},
		{name: "gateway in time", status: 503, mediaType: "text/plain", headers: []string{"Retry-After", "30"}, code: wire.Unavailable, retry: 30},
		{name: "gateway's limit", status: 413, mediaType: "text/html", code: wire.TooLarge},
		{name: "proxy's rate limit", status: 429, mediaType: "text/html", headers: []string{"Retry-After", "soon"}, code: wire.RateLimited},
		{name: "problem without a code", status: 403, mediaType: wire.ProblemType, body: `{"title":"No"}`, code: wire.Forbidden},
		{name: "code of tomorrow", status: 418, mediaType: wire.ProblemType, body: `{"code":"teapot","retry_after":3}`, code: "teapot", retry: 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, "https://chat.example.com", client.Options{
				Transport: inMemory(func(r *http.Request) (*http.Response, error) {
					return respond(r, tc.status, tc.mediaType, io.NopCloser(strings.NewReader(tc.body)), tc.headers...), nil
				}),
			})
			_, err := c.Search(t.Context(), client.SearchQuery{Text: "my secret"})
			var protocol *client.ProtocolError
			var refusal *client.Error
			switch {
			case tc.want != "":
				if !errors.As(err, &protocol) || !strings.Contains(err.Error(), tc.want) ||
					!strings.Contains(err.Error(), "https://chat.example.com/api/v1/search") || protocol.Status != tc.status {
					t.Errorf("error is %T: %v", err, err)
				}
			case !errors.As(err, &refusal) || refusal.Code != tc.code || refusal.Status != tc.status ||
				refusal.RetryAfter != tc.retry || refusal.Error() == "":
				t.Errorf("error is %T: %+v", err, err)
			}
			if strings.Contains(fmt.Sprint(err), "my secret") {
				t.Errorf("the error shows what was searched for: %v", err)
			}
		})
	}
}

// TestHugeAnswer is read up to a limit.
func TestHugeAnswer(t *testing.T) {
	t.Parallel()
	c := newClient(t, "https://chat.example.com", client.Options{
		Transport: inMemory(func(r *http.Request) (*http.Response, error) {
			return respond(r, 200, "application/json", io.NopCloser(zeros{})), nil
		}),
	})
	c.Limit(1 << 20)
	var protocol *client.ProtocolError
	if _, err := c.Models(t.Context()); !errors.As(err, &protocol) || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("error is %v", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	hang := inMemory(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	})
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://chat.example.com", client.Options{Transport: hang, Timeout: 3 * time.Second})
		_, err := c.Me(t.Context())
		var unreachable *client.UnreachableError
		if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "no answer within 3s") {
			t.Errorf("our own limit: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Me(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &unreachable) {
			t.Errorf("the caller's limit: %v", err)
		}
	})
}

// TestText is refused before anything is sent.
func TestText(t *testing.T) {
	t.Parallel()
	c := newClient(t, "https://chat.example.com", client.Options{
		Transport: inMemory(func(*http.Request) (*http.Response, error) {
			t.Error("it was sent")
			return nil, io.EOF
		}),
	})
	bad := "\xff"
	nul := "a\x00b"
	for _, tc := range []struct {
		at string
		do func(ctx context.Context) error
	}{
		{"question.parts[1].text", func(ctx context.Context) error {
			_, err := c.StartTurn(ctx, convID, wire.NewTurn{ID: turnID, Question: &wire.Question{
				Parts: []wire.Part{{Type: "text", Text: "fine"}, {Type: "text", Text: bad}}}})
			return err
		}},
		{"system", func(ctx context.Context) error {
			_, err := c.BeginTurn(ctx, convID, wire.NewTurn{ID: turnID, System: &nul})
			return err
		}},
		{"create.title", func(ctx context.Context) error {
			_, err := c.BeginTurn(ctx, convID, wire.NewTurn{ID: turnID, Create: &wire.NewConversation{Title: bad}})
			return err
		}},
		{"title", func(ctx context.Context) error {
			_, err := c.ChangeConversation(ctx, convID, wire.ConversationChange{Title: &bad})
			return err
		}},
		{"q", func(ctx context.Context) error {
			_, err := c.Search(ctx, client.SearchQuery{Text: nul})
			return err
		}},
	} {
		err := tc.do(t.Context())
		var refusal *client.Error
		if !errors.As(err, &refusal) || refusal.Code != wire.TextInvalid || refusal.Subject != tc.at {
			t.Errorf("%s: %v", tc.at, err)
		}
	}
}

// TestRequests says what each method asks for.
func TestRequests(t *testing.T) {
	t.Parallel()
	type query = client.ListQuery
	for want, do := range map[string]func(context.Context, *client.Client) error{
		"GET /api/v1/server": func(ctx context.Context, c *client.Client) error { _, err := c.Server(ctx); return err },
		"GET /api/v1/me":     func(ctx context.Context, c *client.Client) error { _, err := c.Me(ctx); return err },
		"GET /api/v1/conversations?all=true&cursor=c&limit=5&origin=ask&prefix=01": func(ctx context.Context, c *client.Client) error {
			_, err := c.Conversations(ctx, query{Limit: 5, Cursor: "c", All: true, Origin: "ask", Prefix: "01"})
			return err
		},
		"GET /api/v1/conversations": func(ctx context.Context, c *client.Client) error { _, err := c.Conversations(ctx, query{}); return err },
		`POST /api/v1/conversations {"id":"i","origin":"ask"}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.CreateConversation(ctx, wire.NewConversation{ID: "i", Origin: "ask"})
			return err
		},
		`PATCH /api/v1/conversations/i {"listed":true}`: func(ctx context.Context, c *client.Client) error {
			listed := true
			_, err := c.ChangeConversation(ctx, "i", wire.ConversationChange{Listed: &listed})
			return err
		},
		"DELETE /api/v1/conversations/i": func(ctx context.Context, c *client.Client) error { return c.DeleteConversation(ctx, "i") },
		`POST /api/v1/conversations/i/fork {"id":"n","at":"m"}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.Fork(ctx, "i", wire.Fork{ID: "n", At: "m"})
			return err
		},
		"GET /api/v1/conversations/i/messages?before=b&leaf=l&limit=2": func(ctx context.Context, c *client.Client) error {
			_, err := c.Messages(ctx, "i", client.MessagesQuery{Leaf: "l", Before: "b", Limit: 2})
			return err
		},
		"GET /api/v1/search?conversation=i&cursor=c&limit=3&q=a+%22b+c%22": func(ctx context.Context, c *client.Client) error {
			_, err := c.Search(ctx, client.SearchQuery{Text: `a "b c"`, Conversation: "i", Limit: 3, Cursor: "c"})
			return err
		},
		"GET /api/v1/sync?after=7&epoch=e&limit=9": func(ctx context.Context, c *client.Client) error {
			_, err := c.Sync(ctx, client.SyncQuery{After: 7, Epoch: "e", Limit: 9})
			return err
		},
		"GET /api/v1/models":          func(ctx context.Context, c *client.Client) error { _, err := c.Models(ctx); return err },
		"GET /api/v1/turns/t":         func(ctx context.Context, c *client.Client) error { _, err := c.TurnStatus(ctx, "t"); return err },
		"POST /api/v1/turns/t/cancel": func(ctx context.Context, c *client.Client) error { return c.CancelTurn(ctx, "t") },
		"POST /api/v1/server/retire":  func(ctx context.Context, c *client.Client) error { return c.Retire(ctx) },
		`POST /api/v1/conversations/i/turns {"id":"t","ephemeral":true}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.BeginTurn(ctx, "i", wire.NewTurn{ID: "t", Ephemeral: true})
			return err
		},
	} {
		var got string
		c := newClient(t, "http://localhost", client.Options{Transport: inMemory(func(r *http.Request) (*http.Response, error) {
			got = r.Method + " " + r.URL.RequestURI()
			if r.Body != nil {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				got += " " + string(b)
			}
			if r.Method == http.MethodDelete {
				return respond(r, 204, "", http.NoBody), nil
			}
			return respond(r, 200, "application/json", io.NopCloser(strings.NewReader("{}"))), nil
		})})
		if err := do(t.Context(), c); err != nil || got != want {
			t.Errorf("asked %q, want %q, %v", got, want, err)
		}
	}
}
