package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func TestConversationByPrefix(t *testing.T) {
	t.Parallel()
	all := []string{"0197a2c4-1111-7000-8000-000000000001", "0197a2c4-2222-7000-8000-000000000002", "0298ffff-0000-7000-8000-000000000003"}
	var asked []string
	c := newClient(t, "http://localhost", client.Options{Transport: inMemory(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.RequestURI())
		if id, ok := strings.CutPrefix(r.URL.Path, wire.PathConversations+"/"); ok {
			return respond(r, 200, "application/json", io.NopCloser(strings.NewReader(`{"id":"`+id+`"}`))), nil
		}
		var page wire.ConversationPage
		for _, id := range all {
			if strings.HasPrefix(id, r.FormValue("prefix")) {
				page.Conversations = append(page.Conversations, wire.Conversation{ID: id})
			}
		}
		b, err := json.Marshal(page)
		return respond(r, 200, "application/json", io.NopCloser(strings.NewReader(string(b)))), err
	})})
	for prefix, want := range map[string]string{"02": all[2], "0197A2C4-1": all[0], " 0197a2c4-2222 ": all[1], strings.ToUpper(all[0]): all[0]} {
		if conv, err := c.ConversationByPrefix(t.Context(), prefix); err != nil || conv.ID != want {
			t.Errorf("%q: %q, %v", prefix, conv.ID, err)
		}
	}
	_, err := c.ConversationByPrefix(t.Context(), "0197a2c4")
	var ambiguous *client.AmbiguousError
	if !errors.As(err, &ambiguous) || len(ambiguous.Candidates) != 2 || ambiguous.More || ambiguous.Candidates[0].ID != all[0] {
		t.Errorf("ambiguous: %v", err)
	}
	asked = nil
	for _, prefix := range []string{"", "zz", "../../me", "0197a2c4 x", "%"} {
		if _, err := c.ConversationByPrefix(t.Context(), prefix); client.CodeOf(err) != wire.NotFound {
			t.Errorf("%q: %v", prefix, err)
		}
	}
	if len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
	if _, err := c.ConversationByPrefix(t.Context(), "ffff"); client.CodeOf(err) != wire.NotFound {
		t.Errorf("none: %v", err)
	}
}

// paged serves pages by cursor; the cursor is the next page's number.
func paged(t *testing.T, parameter string, pages ...string) *client.Client {
	t.Helper()
	return newClient(t, "http://localhost", client.Options{Transport: inMemory(func(r *http.Request) (*http.Response, error) {
		n := 0
		if cursor := r.FormValue(parameter); cursor != "" {
			if _, err := fmt.Sscan(cursor, &n); err != nil {
				return nil, err
			}
		}
		if n >= len(pages) {
			return refuse(r, wire.Problem{Status: 400, Code: wire.CursorInvalid}), nil
		}
		return respond(r, 200, "application/json", io.NopCloser(strings.NewReader(pages[n]))), nil
	})})
}

func TestAllMessages(t *testing.T) {
	t.Parallel()
	c := paged(t, "before",
		`{"messages":[{"id":"e"},{"id":"f"}],"before":"1"}`, `{"messages":[{"id":"c"},{"id":"d"}],"before":"2"}`, `{"messages":[{"id":"a"},{"id":"b"}]}`)
	var ids []string
	for m, err := range c.AllMessages(t.Context(), "i", "") {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	if got := strings.Join(ids, ""); got != "abcdef" {
		t.Errorf("messages %s", got)
	}
	for _, err := range paged(t, "before", `{"messages":[{"id":"e"}],"before":"1"}`).AllMessages(t.Context(), "i", "") {
		if client.CodeOf(err) != wire.CursorInvalid {
			t.Errorf("half a branch was yielded, or %v", err)
		}
	}
}

func TestAllConversations(t *testing.T) {
	t.Parallel()
	c := paged(t, "cursor", `{"conversations":[{"id":"a"},{"id":"b"}],"next":"1"}`, `{"conversations":[{"id":"c"}],"next":"2"}`)
	var ids []string
	for conv, err := range c.AllConversations(t.Context(), client.ListQuery{}) {
		if err != nil {
			ids = append(ids, string(client.CodeOf(err)))
			continue
		}
		ids = append(ids, conv.ID)
	}
	if want := []string{"a", "b", "c", string(wire.CursorInvalid)}; !slices.Equal(ids, want) {
		t.Errorf("got %q", ids)
	}
	for range c.AllConversations(t.Context(), client.ListQuery{}) {
		break
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport, _ := scripted(
			tell("id: 3\nevent: changed\ndata: {\"rev\":3}\n\nevent: other\ndata: 1\n\n"),
			fails(wire.Problem{Status: 503, Code: wire.Unavailable}),
			tell("event: changed\ndata: {\"rev\":4}\n\n: \n\nevent: changed\ndata: {\"rev\":9}\n\n"),
			fails(wire.Problem{Status: 401, Code: wire.Unauthenticated}),
		)
		c := newClient(t, "http://localhost", client.Options{Transport: transport})
		var revs []int64
		var codes []wire.Code
		for rev, err := range c.Events(t.Context()) {
			if err != nil {
				codes = append(codes, client.CodeOf(err))
				continue
			}
			revs = append(revs, rev)
		}
		if !slices.Equal(revs, []int64{0, 3, 0, 4, 9}) || !slices.Equal(codes, []wire.Code{"", wire.Unavailable, "", wire.Unauthenticated}) {
			t.Errorf("revisions %v, errors %q", revs, codes)
		}
	})
}

func TestEventsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := inMemory(func(r *http.Request) (*http.Response, error) {
			return live(r, func(ctx context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, "event: changed\ndata: {\"rev\":1}\n\n")
				return pause(ctx, time.Hour)
			}), nil
		})
		c := newClient(t, "http://localhost", client.Options{Transport: transport})
		for range c.Events(t.Context()) {
			break
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var last error
		for _, err := range c.Events(ctx) {
			last = err
		}
		if !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("the last was %v", last)
		}
	})
}
