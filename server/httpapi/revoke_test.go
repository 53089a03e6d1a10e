package httpapi_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/turn"
)

// following is a stream that stays open until it is ended.
func (w *world) following(bearer string) *http.Response {
	w.t.Helper()
	resp := w.call("GET", wire.PathEvents, "", "Authorization", "Bearer "+bearer)
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%d", resp.StatusCode)
	}
	if _, err := resp.Body.Read(make([]byte, 1)); err != nil { // it is held by now
		w.t.Fatal(err)
	}
	return resp
}

// bearer is a credential of its own for a session or token.
func (w *world) bearer(kind identity.CredentialKind, id string) string {
	text := kind.New()
	w.identity.mu.Lock()
	defer w.identity.mu.Unlock()
	w.identity.credentials[text] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.AllScopes, Session: id}
	return text
}

// Promise 13: what a session or token has open ends with it, at once, and nothing
// else does.
func TestRevokingEndsStreams(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(w *world){
		"the session": func(w *world) { get[struct{}](w, 204, "DELETE", wire.SessionPath(bSession), "") },
		"all but one": func(w *world) { get[struct{}](w, 204, "DELETE", wire.PathSessions, "") },
		"elsewhere":   func(w *world) { w.api.End(bSession, unknown) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mine := w.following(w.token)
			other := w.bearer(identity.AccessToken, bSession)
			theirs := []*http.Response{w.following(other), w.following(other)}
			revoke(w)
			for _, s := range theirs {
				_, _ = io.ReadAll(s.Body) // returns: it has ended
			}
			w.changes.revisions <- 7
			if events := w.eventsUntil(mine, true); len(events) == 0 {
				t.Error("the other stream has ended too")
			}
			// Whoever was let in a moment before is too late.
			if p := w.problem(w.call("GET", wire.PathEvents, "", "Authorization", "Bearer "+other)); p.Code != wire.Unauthenticated {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestRevokingATokenEndsItsStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identity.tokens = []identity.Token{{ID: bToken, User: aUser}}
	s := w.following(w.bearer(identity.PersonalToken, bToken))
	get[struct{}](w, 204, "DELETE", wire.TokenPath(bToken), "")
	_, _ = io.ReadAll(s.Body) // returns
}

func TestDeletingAUserEndsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []*http.Response
	for _, id := range []string{bSession, bToken, aToken} {
		all = append(all, w.following(w.bearer(identity.PersonalToken, id)))
	}
	get[struct{}](w, 204, "DELETE", wire.PathMe, "", wire.HeaderConfirm, "Ada%20L.")
	for _, s := range all {
		_, _ = io.ReadAll(s.Body) // returns
	}
}

// A turn's stream ends without a terminal event: the turn itself goes on.
func TestRevokingLeavesTheTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feed := newScript(text("a", 1))
	feed.hold = true
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return feed }
	resp := w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), "", "Authorization", "Bearer "+w.bearer(identity.AccessToken, bSession))
	if _, err := resp.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	w.api.End(bSession)
	rest, _ := io.ReadAll(resp.Body)
	<-feed.closed
	if strings.Contains(string(rest), wire.EventCancelled) || strings.Contains(string(rest), wire.EventInterrupted) || len(w.turns.cancelled) > 0 {
		t.Errorf("%s", rest)
	}
}

// Streams that come and go while their session ends leave nothing open behind.
func TestRevokingRaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.bearer(identity.AccessToken, bSession)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", w.url+wire.PathEvents, nil)
			req.Header.Set("Authorization", "Bearer "+other)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.ReadAll(resp.Body) // returns, sooner or later
			_ = resp.Body.Close()
		})
	}
	w.api.End(bSession)
	group.Wait()
}
