package server_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/usage"
)

// as is the same world for another caller.
func (w *world) as(token string) *world {
	there := *w
	there.token = token
	return &there
}

// gone reads a stream to its end.
func (s *stream) gone() {
	for _, ok := s.next(); ok; _, ok = s.next() {
		continue
	}
}

// Promise 13, with the real parts: a session that is signed out can do nothing
// more, and what it has open ends; another of the same user's goes on.
func TestSignedOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		ada := w.server.NewUser(t, "ada")
		laptop, phone := w.server.SignIn(t, ada.ID, "laptop"), w.server.SignIn(t, ada.ID, "phone")
		on, off := w.as(laptop.AccessToken), w.as(phone.AccessToken)

		var list wire.SessionList
		on.call(200, "GET", wire.PathSessions, nil, &list)
		if len(list.Sessions) != 2 || list.Sessions[0].Current == list.Sessions[1].Current {
			t.Fatalf("%+v", list)
		}
		a := newAsking()
		answer := off.begin(a)
		w.vendor.say("It goes on")
		answer.until(wire.EventDelta)
		changes := off.open("GET", wire.PathEvents, nil)

		on.call(204, "DELETE", wire.SessionPath(phone.Session), nil, nil)
		answer.gone()
		changes.gone()
		off.call(401, "GET", wire.PathMe, nil, nil)
		on.call(200, "GET", wire.PathSessions, nil, &list)
		if len(list.Sessions) != 1 || !list.Sessions[0].Current || list.Sessions[0].Device != "laptop" {
			t.Errorf("%+v", list)
		}
		// The turn was the server's, and has ended well.
		w.vendor.say(".", "")
		if name, end := ended(t, on.follow(a, "").rest()); name != wire.EventCompleted || end.Message.ID != a.answer {
			t.Errorf("%s", name)
		}
	})
}

// The same, where the session was signed out by another process: on one Postgres
// that two servers share.
func TestSignedOutElsewhere(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	one, two := newWorld(t, database), newWorld(t, database)
	ada := one.server.NewUser(t, "ada")
	grant := one.server.SignIn(t, ada.ID, "laptop")
	text, id := one.server.TokenOf(t, ada.ID, identity.AllScopes)
	mine := one.as(grant.AccessToken)

	bySession := two.as(grant.AccessToken).open("GET", wire.PathEvents, nil)
	byToken := two.as(text).open("GET", wire.PathEvents, nil)
	mine.call(204, "DELETE", wire.TokenPath(id), nil, nil)
	byToken.gone()
	two.as(text).call(401, "GET", wire.PathMe, nil, nil)
	mine.call(204, "DELETE", wire.PathSessions+"?all=true", nil, nil)
	bySession.gone()
	two.as(grant.AccessToken).call(401, "GET", wire.PathMe, nil, nil)
}

// Whatever ends a session ends what it has open: signing out by OAuth, and a
// refresh token that somebody uses a second time.
func TestEndedByOAuth(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database, func(o *servertest.Options) { o.Server.Grants.Grace = time.Nanosecond })
		ada := w.server.NewUser(t, "ada")
		post := func(path string, form url.Values) int {
			t.Helper()
			form.Set("client_id", wire.ClientID)
			resp, err := http.PostForm(w.server.URL+path, form)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			return resp.StatusCode
		}
		out := w.server.SignIn(t, ada.ID, "signs out")
		stream := w.as(out.AccessToken).open("GET", wire.PathEvents, nil)
		if status := post(wire.PathRevoke, url.Values{"token": {out.RefreshToken}}); status != http.StatusOK {
			t.Errorf("revoke: %d", status)
		}
		stream.gone()

		stolen := w.server.SignIn(t, ada.ID, "stolen")
		stream = w.as(stolen.AccessToken).open("GET", wire.PathEvents, nil)
		refresh := url.Values{"grant_type": {wire.GrantRefresh}, "refresh_token": {stolen.RefreshToken}}
		if status := post(wire.PathOAuthToken, refresh); status != http.StatusOK {
			t.Errorf("refresh: %d", status)
		}
		if status := post(wire.PathOAuthToken, refresh); status != http.StatusBadRequest {
			t.Errorf("the same again: %d", status)
		}
		stream.gone()
		w.as(stolen.AccessToken).call(401, "GET", wire.PathMe, nil, nil)
	})
}

// Whoever deletes oneself is gone, at once and everywhere, and the ledger stays.
func TestDeletedUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		ada := w.server.NewUser(t, "Ada Ł.")
		mine := w.as(w.server.SignIn(t, ada.ID, "laptop").AccessToken)
		script, _ := w.server.TokenOf(t, ada.ID, identity.AllScopes)
		a := newAsking()
		w.vendor.say("secret", "")
		mine.begin(a).rest()
		w.as(script).call(403, "DELETE", wire.PathMe, nil, nil) // not in person
		mine.call(400, "DELETE", wire.PathMe, nil, nil)         // not confirmed
		open := w.as(script).open("GET", wire.PathEvents, nil)

		resp := mine.request(t.Context(), "DELETE", wire.PathMe, nil, wire.HeaderConfirm, url.PathEscape("Ada Ł."))
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Fatalf("%d", resp.StatusCode)
		}
		open.gone()
		mine.call(401, "GET", wire.PathMe, nil, nil)
		w.as(script).call(401, "GET", wire.PathMe, nil, nil)
		users, err := w.server.DB().Identities().Users(t.Context())
		for _, u := range users {
			if err != nil || u.ID == ada.ID {
				t.Errorf("%+v, %v", u, err)
			}
		}
	})
}

// TestDeletedInMidAnswer: a user who goes while an answer is being written is owed
// nothing and owes what has come: the call ends at once, and is booked at what is
// known of it, against what it had reserved.
func TestDeletedInMidAnswer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		ada := w.server.NewUser(t, "ada")
		script, _ := w.server.TokenOf(t, ada.ID, identity.AllScopes)
		a := newAsking()
		stream := w.as(script).begin(a)
		w.vendor.say("A dozen bytes, twice two.")
		stream.until(wire.EventDelta)
		if err := w.server.DB().Identities().DeleteUser(t.Context(), ada.ID); err != nil {
			t.Fatal(err)
		}
		<-w.vendor.gone
		if err := w.server.Stop(); err != nil { // which waits for what is being stored
			t.Error(err)
		}
		next := newWorld(t, w.server.Database)
		rows, err := next.server.DB().Ledger().Entries(t.Context(), ada.Account, time.Time{}, 10)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%+v, %v", rows, err)
		}
		if e := rows[0]; e.Tokens.Output != 7 || e.Tokens.Input == 0 || e.Outcome != usage.Cancelled || e.Source != usage.Estimated ||
			!e.Charged || e.Reservation != a.answer || e.Lost() {
			t.Errorf("%+v", e)
		}
	})
}

// The operator's door, over its socket: a user removed there is gone for a
// client that has a stream open, and all of it is recorded.
func TestOperatorsDoor(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		over := w.server.AdminTransport()
		defer over.CloseIdleConnections()
		operator := func(status int, method, path string, body, out any) {
			t.Helper()
			var in io.Reader
			if body != nil {
				in = strings.NewReader(jsonText(t, body))
			}
			req, err := http.NewRequestWithContext(t.Context(), method, "http://admin"+path, in)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := over.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			raw, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != status {
				t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
			}
			if out != nil {
				decode(t, raw, out)
			}
		}
		id := conversation.NewID()
		operator(201, "POST", wire.PathAdminUsers, wire.NewUser{ID: id, Name: "Bea"}, nil)
		var token wire.Token
		operator(201, "POST", wire.AdminUserPath(id, wire.BelowTokens), wire.NewToken{ID: conversation.NewID(), Name: "CI"}, &token)
		bea := w.as(token.Token)
		events := bea.open("GET", wire.PathEvents, nil)
		operator(204, "DELETE", wire.AdminUserPath(id), nil, nil)
		events.gone()
		bea.call(401, "GET", wire.PathMe, nil, nil)

		operator(201, "POST", wire.PathAdminInvitations, wire.NewInvitation{Email: "eve@example.com"}, nil)
		var link wire.OwnerLink
		operator(200, "POST", wire.PathAdminOwnerLink, nil, &link)
		if !strings.HasPrefix(link.URL, w.server.URL+"/owner?link="+string(identity.OneTimeLink)) {
			t.Errorf("%s", link.URL)
		}
		var page wire.AuditPage
		operator(200, "GET", wire.PathAdminAudit, nil, &page)
		var what []string
		for _, e := range page.Events {
			if e.By == "operator" {
				what = append(what, e.What)
			}
		}
		if got := strings.Join(what, " "); got != "owner_link_made user_invited user_removed token_created signed_up" {
			t.Errorf("%s", got)
		}
		operator(401, "GET", wire.PathMe, nil, nil) // the operator is nobody in particular
		w.call(404, "GET", wire.PathAdminUsers, nil, nil)
	})
}

// post collects letters.
type post struct {
	mu   sync.Mutex
	sent chan mail.Message
}

func (p *post) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent <- m
	return nil
}

// Letters are worked by the jobs of a server that can send them.
func TestLetters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		p := &post{sent: make(chan mail.Message, 8)}
		w := newWorld(t, database, func(o *servertest.Options) { o.Mail = p })
		over := w.server.AdminTransport()
		defer over.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://admin"+wire.PathAdminInvitations, strings.NewReader(`{"email":"eve@example.com"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := over.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		var i wire.Invitation
		if err := json.NewDecoder(resp.Body).Decode(&i); err != nil || !i.Mailed || i.URL != w.server.URL+"/signin" {
			t.Errorf("%+v, %v", i, err)
		}
		_ = resp.Body.Close()
		if m := <-p.sent; m.To != "eve@example.com" || !strings.Contains(m.Text, w.server.URL+"/signin") {
			t.Errorf("%+v", m)
		}
	})
}

// Each path leads to its door.
func TestMounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for path, kind := range map[string]string{
		wire.PathMetadata: "application/json", wire.PathDocs: "text/html", wire.PathOpenAPI: "application/json",
		"/": "text/html", "/signin": "text/html", wire.PathDevicePage: "text/html", "/nothing/here": "text/html",
		"/api/v1/nothing": wire.ProblemType, "/admin/v1/users": wire.ProblemType, "/v1/models": wire.ProblemType,
		"/oauth/nothing": "application/json", wire.PathMe: "application/json",
	} {
		resp := w.request(t.Context(), "GET", path, nil)
		got, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
		if got != kind || len(resp.Header.Get("X-Request-Id")) != 16 {
			t.Errorf("%s: %d %s, %q", path, resp.StatusCode, got, resp.Header.Get("X-Request-Id"))
		}
		_ = resp.Body.Close()
	}
}

// Without an address that is safe to sign in at, nobody is asked to, and everybody
// is told why.
func TestNoSignInInTheClear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", func(o *servertest.Options) { o.Listen = "0.0.0.0:0" })
	if _, _, err := w.server.OwnerLink(t.Context()); err == nil || !strings.Contains(err.Error(), "AICHAT_SERVER_URL") {
		t.Errorf("%v", err)
	}
	for _, path := range []string{wire.PathMetadata, wire.PathDeviceCode, "/signin", wire.PathDevicePage} {
		resp := w.request(t.Context(), "GET", path, nil)
		raw, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(raw), "AICHAT_SERVER_URL") {
			t.Errorf("%s: %d %s", path, resp.StatusCode, raw)
		}
	}
	w.call(200, "GET", wire.PathMe, nil, nil) // tokens that were made otherwise are good
}

// Promise 14: whatever is asked, no line of the log holds what signs somebody in,
// and each says which request it is about.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	log := &logtest.Log{}
	w := newWorld(t, "", func(o *servertest.Options) {
		o.Server.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	ada := w.server.NewUser(t, "ada")
	grant := w.server.SignIn(t, ada.ID, "laptop")
	link, _, err := w.server.OwnerLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{w.token, grant.AccessToken, grant.RefreshToken, strings.SplitN(link, "=", 2)[1], "s3cret-query", "BCDF-GHJK"}
	w.as(grant.AccessToken).call(200, "GET", wire.PathMe, nil, nil)
	var made wire.Token
	w.as(grant.AccessToken).call(201, "POST", wire.PathTokens, wire.NewToken{ID: conversation.NewID(), Name: "CI"}, &made)
	secrets = append(secrets, made.Token)
	for _, path := range []string{
		strings.TrimPrefix(link, w.server.URL), "/device?user_code=BCDF-GHJK", "/signin/google/callback?code=s3cret-query&state=" + grant.AccessToken,
		wire.PathMe + "?access_token=" + grant.AccessToken, "/" + grant.AccessToken, "/api/v1/" + grant.AccessToken,
		"/oauth/" + grant.RefreshToken, wire.SessionPath(grant.RefreshToken),
	} {
		resp := w.request(t.Context(), "GET", path, nil, "Cookie", "aichat="+grant.AccessToken)
		_ = resp.Body.Close()
	}
	for _, form := range []url.Values{
		{"grant_type": {wire.GrantRefresh}, "client_id": {wire.ClientID}, "refresh_token": {grant.RefreshToken}},
		{"grant_type": {wire.GrantRefresh}, "client_id": {grant.AccessToken}, "refresh_token": {"s3cret-query"}},
	} {
		resp, err := http.PostForm(w.server.URL+wire.PathOAuthToken, form)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		var g wire.TokenGrant
		if resp.StatusCode == http.StatusOK {
			decode(t, raw, &g)
			secrets = append(secrets, g.AccessToken, g.RefreshToken)
		}
	}
	if err := w.server.Stop(); err != nil {
		t.Error(err)
	}
	all := log.String()
	for _, s := range secrets {
		if s == "" || strings.Contains(all, s) {
			t.Errorf("%q is in the log", s)
		}
	}
	for line := range strings.Lines(all) {
		if strings.Contains(line, `"msg":"request"`) && !strings.Contains(line, `"request_id":"`) {
			t.Errorf("no name: %s", line)
		}
	}
	if n := strings.Count(all, `"msg":"request"`); n < 12 {
		t.Errorf("%d requests are logged:\n%s", n, all)
	}
}
