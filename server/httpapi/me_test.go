package httpapi_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
)

// get calls and decodes an answer of that status.
func get[T any](w *world, status int, method, path, body string, headers ...string) (out T) {
	w.t.Helper()
	resp := w.call(method, path, body, headers...)
	text := w.read(resp)
	if resp.StatusCode != status {
		w.t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, text, status)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			w.t.Fatalf("%s: %v", text, err)
		}
	}
	return out
}

func TestProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := get[wire.Me](w, 200, "GET", wire.PathMe, "")
	if me.Name != "Ada L." || me.Email != "ada@example.com" || me.Scope != "read chat account" || me.Session != aSession || len(me.Identities) != 1 {
		t.Errorf("%+v", me)
	}
	me = get[wire.Me](w, 200, "PATCH", wire.PathMe,
		`{"name":" Grace ","avatar_url":"https://example.com/g.png","locale":"de-ch","time_zone":"UTC","default_model":"claude"}`)
	if me.Name != "Grace" || me.AvatarURL != "https://example.com/g.png" || me.Locale != "de-CH" || me.TimeZone != "UTC" || me.DefaultModel != "anthropic/claude" {
		t.Errorf("%+v", me)
	}
	me = get[wire.Me](w, 200, "PATCH", wire.PathMe, `{"name":null,"avatar_url":"","default_model":"gemini/pro"}`)
	if me.Name != "Grace" || me.AvatarURL != "" || me.Locale != "de-CH" || me.DefaultModel != "gemini/pro" {
		t.Errorf("%+v", me)
	}
	for field, code := range map[string]wire.Code{
		`"name":""`: wire.InvalidRequest, `"name":"a\nb"`: wire.InvalidRequest, `"avatar_url":"http://x"`: wire.InvalidRequest,
		`"locale":"?"`: wire.InvalidRequest, `"time_zone":"Local"`: wire.InvalidRequest, `"default_model":"nobody/x"`: wire.ModelUnknown,
		`"name":7`: wire.InvalidRequest,
	} {
		p := get[wire.Problem](w, 400, "PATCH", wire.PathMe, "{"+field+"}")
		if p.Code != code {
			t.Errorf("%s: %+v", field, p)
		}
	}
	if me := get[wire.Me](w, 200, "GET", wire.PathMe, ""); me.Name != "Grace" || me.DefaultModel != "gemini/pro" {
		t.Errorf("a refusal changed something: %+v", me)
	}
	// Whom one is elsewhere is not for every script.
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.ScopeRead}
	if me := get[wire.Me](w, 200, "GET", wire.PathMe, ""); len(me.Identities) > 0 || me.Scope != "read" {
		t.Errorf("%+v", me)
	}
}

func TestDeletingOneself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"", "ada l.", "Ada", "Ada%20L", "%zz"} {
		if p := get[wire.Problem](w, 400, "DELETE", wire.PathMe, "", wire.HeaderConfirm, name); p.Subject != wire.HeaderConfirm {
			t.Errorf("%q: %+v", name, p)
		}
	}
	if len(w.identity.recorded()) > 0 || w.identity.user.Name == "" {
		t.Fatal("it was done all the same")
	}
	get[struct{}](w, 204, "DELETE", wire.PathMe, "", wire.HeaderConfirm, url.PathEscape("Ada L."))
	events := w.identity.recorded()
	if w.identity.user.Name != "" || len(events) != 1 || events[0].What != identity.UserRemoved || events[0].User != aUser || events[0].By != aUser {
		t.Errorf("%+v", events)
	}
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := get[wire.IdentityList](w, 200, "GET", wire.PathIdentities, "")
	if len(list.Identities) != 1 || list.Identities[0].Issuer != "https://id.example.com" {
		t.Errorf("%+v", list)
	}
	q := url.Values{"issuer": {"https://id.example.com"}, "subject": {"7"}}
	get[struct{}](w, 204, "DELETE", wire.PathIdentities+"?"+q.Encode(), "")
	if events := w.identity.recorded(); len(events) != 1 || events[0].What != identity.IdentityRemoved || events[0].Address != "127.0.0.1" || events[0].Session != aSession {
		t.Errorf("%+v", events)
	}
	get[wire.Problem](w, 404, "DELETE", wire.PathIdentities+"?issuer=x&subject=y", "")
	get[wire.Problem](w, 400, "DELETE", wire.PathIdentities+"?issuer=x", "")
	if strings.Contains(w.log.String(), "id.example.com") {
		t.Errorf("the log holds the query: %s", w.log)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := get[wire.SessionList](w, 200, "GET", wire.PathSessions, "")
	if len(list.Sessions) != 2 || !list.Sessions[0].Current || list.Sessions[1].Current || list.Sessions[0].Device != "laptop" ||
		!list.Sessions[0].ExpiresAt.Equal(noon.AddDate(0, 0, 30)) || !list.Sessions[1].ExpiresAt.Equal(noon.AddDate(0, 0, 20)) {
		t.Errorf("%+v", list)
	}
	get[struct{}](w, 204, "DELETE", wire.SessionPath(bSession), "")
	if events := w.identity.recorded(); len(events) != 1 || events[0].What != identity.SessionRevoked || events[0].Session != bSession || events[0].By != aUser {
		t.Errorf("%+v", events)
	}
	get[wire.Problem](w, 404, "DELETE", wire.SessionPath(unknown), "")
	get[wire.Problem](w, 400, "DELETE", wire.SessionPath("x"), "")

	w = newWorld(t)
	get[struct{}](w, 204, "DELETE", wire.PathSessions, "")
	if s := w.identity.sessions; !s[0].RevokedAt.IsZero() || s[1].RevokedAt.IsZero() || w.identity.browsers != 1 {
		t.Errorf("everywhere else: %+v", s)
	}
	get[struct{}](w, 204, "DELETE", wire.PathSessions+"?all=true", "")
	if s := w.identity.sessions; s[0].RevokedAt.IsZero() || len(w.identity.recorded()) != 2 {
		t.Errorf("everywhere: %+v", s)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Now = func() time.Time { return noon } })
	made := get[wire.Token](w, 201, "POST", wire.PathTokens, `{"id":"`+aToken+`","name":" CI "}`)
	if !identity.PersonalToken.Plausible(made.Token) || made.Name != "CI" || made.Scope != "chat" || !made.ExpiresAt.Equal(noon.AddDate(0, 0, 90)) {
		t.Errorf("%+v", made)
	}
	if stored := w.identity.tokens[0]; string(stored.Hash) != string(identity.Hash(made.Token)) || stored.User != aUser {
		t.Errorf("%+v", stored)
	}
	if events := w.identity.recorded(); len(events) != 1 || events[0].What != identity.TokenCreated || events[0].Session != aToken {
		t.Errorf("%+v", events)
	}
	again := get[wire.Problem](w, 409, "POST", wire.PathTokens, `{"id":"`+aToken+`","name":" CI "}`)
	if again.Code != wire.IDConflict || !strings.Contains(again.Detail, "make another") {
		t.Errorf("%+v", again)
	}
	if list := w.read(w.call("GET", wire.PathTokens, "")); strings.Contains(list, made.Token) || !strings.Contains(list, aToken) {
		t.Errorf("%s", list)
	}
	for _, body := range []string{
		`{"id":"x","name":"CI"}`, `{"id":"` + bToken + `"}`, `{"id":"` + bToken + `","name":"a\nb"}`,
		`{"id":"` + bToken + `","name":"CI","scope":"root"}`, `{"id":"` + bToken + `","name":"CI","scope":" "}`,
		`{"id":"` + bToken + `","name":"CI","expires_at":"2026-05-04T11:00:00Z"}`,
		`{"id":"` + bToken + `","name":"CI","expires_at":"2027-05-07T12:00:00Z"}`,
	} {
		get[wire.Problem](w, 400, "POST", wire.PathTokens, body)
	}
	for range 2 {
		get[struct{}](w, 204, "DELETE", wire.TokenPath(aToken), "")
	}
	get[wire.Problem](w, 404, "DELETE", wire.TokenPath(unknown), "")
	if len(w.identity.tokens) != 1 || w.identity.tokens[0].RevokedAt.IsZero() {
		t.Errorf("%+v", w.identity.tokens)
	}
	if strings.Contains(w.log.String(), made.Token) {
		t.Errorf("logged: %s", w.log)
	}
}

// A token cannot be used to get more than it is.
func TestTokensDoNotGrow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.token = identity.PersonalToken.New()
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.ScopeAccount, Session: bToken}
	for _, scope := range []string{"", "chat", "read", "read account"} {
		p := get[wire.Problem](w, 403, "POST", wire.PathTokens, `{"id":"`+aToken+`","name":"more","scope":"`+scope+`"}`)
		if p.Code != wire.Forbidden {
			t.Errorf("%s: %+v", scope, p)
		}
	}
	w.identity.tokens = []identity.Token{{ID: bToken, User: aUser, Scopes: identity.ScopeAccount}}
	get[wire.Token](w, 201, "POST", wire.PathTokens, `{"id":"`+aToken+`","name":"as much","scope":"account"}`)
}

// Nor can it be used to get one that outlives it.
func TestTokensDoNotOutliveTheirMaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Now = func() time.Time { return noon } })
	w.token = identity.PersonalToken.New()
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.AllScopes, Session: bToken}
	end := noon.AddDate(0, 0, 1)
	w.identity.tokens = []identity.Token{{ID: bToken, User: aUser, Scopes: identity.AllScopes, ExpiresAt: end}}
	body := func(expires time.Time) string {
		return `{"id":"` + aToken + `","name":"longer","expires_at":"` + expires.Format(time.RFC3339) + `"}`
	}
	if p := get[wire.Problem](w, 400, "POST", wire.PathTokens, body(end.Add(time.Second))); !strings.Contains(p.Detail, "at the latest") {
		t.Errorf("%+v", p)
	}
	if made := get[wire.Token](w, 201, "POST", wire.PathTokens, `{"id":"`+aToken+`","name":"as long"}`); !made.ExpiresAt.Equal(end) {
		t.Errorf("it ends at %v, its maker at %v", made.ExpiresAt, end)
	}
}

// Nor are there ever more than somebody can look through.
func TestTokensAreNotWithoutNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Now = func() time.Time { return noon } })
	for range 100 {
		w.identity.tokens = append(w.identity.tokens, identity.Token{ID: bToken, User: aUser, Scopes: identity.ScopeChat})
	}
	one := `{"id":"` + aToken + `","name":"CI"}`
	if p := get[wire.Problem](w, 403, "POST", wire.PathTokens, one); !strings.Contains(p.Detail, "revoke one first") {
		t.Errorf("%+v", p)
	}
	w.identity.tokens[0].RevokedAt, w.identity.tokens[1].ExpiresAt = noon, noon
	get[wire.Token](w, 201, "POST", wire.PathTokens, one)
}

// An event that cannot be recorded is logged, and undoes nothing.
func TestAuditIsNoGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identity.cannot = fault.Wrap(errDisk, fault.Unavailable, "")
	get[wire.Token](w, 201, "POST", wire.PathTokens, `{"id":"`+aToken+`","name":"CI"}`)
	if log := w.log.String(); !strings.Contains(log, "security event not recorded") || !strings.Contains(log, errDisk.Error()) {
		t.Errorf("%s", log)
	}
}
