package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
)

func readProblem(t *testing.T, resp *http.Response) wire.Problem {
	t.Helper()
	var p wire.Problem
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		t.Error(err)
	}
	return p
}

// Promises 2 and 4: what is refused leaves nothing behind and calls nobody.
func TestRefusedTurnsLeaveNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		path := wire.ConversationPath(a.conversation, wire.BelowTurns)
		unknown := a.body()
		unknown.Model = "nobody/nothing"
		none := a.body()
		none.Create = nil
		long := a.body()
		long.Model = "demo/demo"
		long.Question.Parts[0].Text = strings.Repeat("word ", 200_000)
		for _, tc := range []struct {
			name   string
			body   any
			status int
			code   wire.Code
		}{
			{"malformed", "{", 400, wire.InvalidRequest},
			{"unknown model", unknown, 400, wire.ModelUnknown},
			{"no conversation", none, 404, wire.NotFound},
			{"too long for the model", long, 400, wire.ContextTooLong},
			{"max_tokens", strings.Replace(jsonText(t, a.body()), `"id"`, `"max_tokens":-1,"id"`, 1), 400, wire.InvalidRequest},
		} {
			var p wire.Problem
			w.call(tc.status, "POST", path, tc.body, &p)
			if p.Code != tc.code {
				t.Errorf("%s: %+v", tc.name, p)
			}
		}
		var page wire.SyncPage
		w.call(200, "GET", wire.PathSync, nil, &page)
		if len(page.Conversations)+len(page.Messages) > 0 || len(w.vendor.asked) > 0 {
			t.Errorf("left behind: %+v; provider called %d times", page, len(w.vendor.asked))
		}
	})
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Promise 3: a large message comes back as it was.
func TestLargeMessage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		body := a.body()
		large := strings.Repeat("日本語 \"quoted\" \\ line\r\n\t\u0001", 5<<20/32)
		body.Question.Parts[0].Text = large
		w.vendor.say("short", "")
		s := w.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body)
		if name, end := ended(t, s.rest()); name != wire.EventCompleted {
			t.Fatalf("%s %s", name, end.Message.ErrorText)
		}
		var page wire.MessagePage
		w.call(200, "GET", wire.ConversationPath(a.conversation, wire.BelowMessages), nil, &page)
		if page.Messages[0].Parts[0].Text != large {
			t.Errorf("%d bytes became %d", len(large), len(page.Messages[0].Parts[0].Text))
		}
	})
}

// Promise 5: pages go on where they were, whatever is asked meanwhile; and a
// search takes any text.
func TestPagesAndSearch(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		for i := range 5 {
			w.call(201, "POST", wire.PathConversations, wire.NewConversation{ID: conversation.NewID(), Title: fmt.Sprint(i)}, nil)
		}
		var titles []string
		for next := ""; ; {
			var page wire.ConversationPage
			w.call(200, "GET", wire.PathConversations+"?limit=2&cursor="+next, nil, &page)
			for _, c := range page.Conversations {
				titles = append(titles, c.Title)
			}
			if next = page.Next; next == "" {
				break
			}
		}
		if got := strings.Join(titles, ""); got != "43210" {
			t.Errorf("pages give %s", got)
		}
		for _, q := range []string{`"`, `*`, `NEAR(`, `%`, `'`, `a OR b`, `-x`, `col:x`, `((`, `日本`, `foo_bar`, `http.Handler`, "\u200b"} {
			w.call(200, "GET", wire.PathSearch+"?q="+url.QueryEscape(q), nil, nil)
		}
	})
}

// Promise 6: what is another's looks like what is not there.
func TestAnothersThings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		s := w.begin(a)
		w.vendor.say("secret", "")
		s.rest()
		w.token = w.server.NewToken(t, "stranger")
		other, none := a, newAsking()
		for _, path := range []func(asking) (method, path string, body any){
			func(a asking) (string, string, any) { return "GET", wire.ConversationPath(a.conversation), nil },
			func(a asking) (string, string, any) {
				return "PATCH", wire.ConversationPath(a.conversation), `{"title":"x"}`
			},
			func(a asking) (string, string, any) {
				return "GET", wire.ConversationPath(a.conversation, wire.BelowMessages), nil
			},
			func(a asking) (string, string, any) {
				return "POST", wire.ConversationPath(a.conversation, wire.BelowRestore), nil
			},
			func(a asking) (string, string, any) {
				return "POST", wire.ConversationPath(a.conversation, wire.BelowFork), wire.Fork{ID: conversation.NewID(), At: a.answer}
			},
			func(a asking) (string, string, any) { return "GET", wire.TurnPath(a.answer), nil },
			func(a asking) (string, string, any) { return "GET", wire.TurnPath(a.answer, wire.BelowEvents), nil },
			func(a asking) (string, string, any) { return "POST", wire.TurnPath(a.answer, wire.BelowCancel), nil },
			func(a asking) (string, string, any) { return "DELETE", wire.ConversationPath(a.conversation), nil },
		} {
			var seen [2]string
			for i, a := range []asking{other, none} {
				method, p, body := path(a)
				resp := w.request(t.Context(), method, p, body)
				problem := ""
				if resp.StatusCode >= 400 {
					problem = jsonText(t, readProblem(t, resp))
				}
				_ = resp.Body.Close()
				seen[i] = fmt.Sprintf("%s %s: %d %s", method, strings.NewReplacer(a.conversation, "ID", a.answer, "ID").Replace(p), resp.StatusCode, problem)
			}
			if seen[0] != seen[1] {
				t.Errorf("they differ:\n%s\n%s", seen[0], seen[1])
			}
		}
		w.token = w.server.Token
		if _, stored := w.answer(a); stored != "secret" {
			t.Errorf("stored %q", stored)
		}
	})
}

// Promise 7: a create repeated is the same thing once.
func TestRepeatedCreate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		n := wire.NewConversation{ID: conversation.NewID(), Title: "one"}
		var first, second wire.Conversation
		w.call(201, "POST", wire.PathConversations, n, &first)
		w.call(201, "POST", wire.PathConversations, n, &second)
		if first != second {
			t.Errorf("%+v, then %+v", first, second)
		}
		n.Title = "two"
		var p wire.Problem
		w.call(409, "POST", wire.PathConversations, n, &p)
		if p.Code != wire.IDConflict {
			t.Errorf("%+v", p)
		}
	})
}

// The local door needs no token, and the TCP door is none.
func TestDoors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	over := w.server.SocketTransport()
	defer over.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://local"+wire.PathMe, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := over.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var me wire.Me
	if err := json.NewDecoder(resp.Body).Decode(&me); err != nil || !me.Local {
		t.Errorf("%+v, %v", me, err)
	}
	var public wire.Server
	w.call(200, "GET", wire.PathServer, nil, &public)
	if public.Local || public.PID != 0 {
		t.Errorf("%+v", public)
	}
	w.call(403, "POST", wire.PathRetire, nil, nil)
	w.token = "aichat_pat_" + strings.Repeat("a", 32)
	w.call(401, "GET", wire.PathMe, nil, nil)
	w.call(204, "GET", wire.PathReady, nil, nil)
}
