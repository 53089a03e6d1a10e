package httpapi_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/turn"
)

// who may use a route.
type may string

const (
	anybody   may = "anybody"
	scopeless may = "any scope"
	read      may = "read"
	chat      may = "chat"
	account   may = "account"
	person    may = "account, in person, as an owner"
	admin     may = "account, as an admin"
	local     may = "local"
	operator  may = "operator"
)

// routes says of every operation who may use it: once more and by hand, apart
// from the table that it is held against.
var routes = map[string]may{
	"server": anybody, "health": anybody, "ready": anybody, "openapi": anybody, "docs": anybody,
	"me":                 scopeless,
	"list-conversations": read, "get-conversation": read, "list-messages": read, "search": read,
	"get-turn": read, "follow-turn": read, "list-models": read, "sync": read, "events": read, "limits": read, "offers": read,
	"usage": read, "usage-ledger": read, "usage-models": read, "usage-advice": read,
	"create-conversation": chat, "change-conversation": chat, "delete-conversation": chat, "restore-conversation": chat,
	"fork-conversation": chat, "begin-turn": chat, "cancel-turn": chat,
	"rate-answer": chat, "unrate-answer": chat,
	"change-me": account, "list-identities": account, "delete-identity": account,
	"list-sessions": account, "revoke-session": account, "revoke-sessions": account,
	"list-tokens": account, "create-token": account, "revoke-token": account,
	"list-keys": account, "add-key": account, "change-key": account, "remove-key": account, "test-key": account,
	"list-account-keys": admin, "add-account-key": admin, "change-account-key": admin, "remove-account-key": admin, "test-account-key": admin,
	"list-server-keys": operator, "add-server-key": operator, "change-server-key": operator, "remove-server-key": operator,
	"test-server-key": operator, "rotate-keys": operator,
	"delete-me":  person,
	"retire":     local,
	"list-users": operator, "create-user": operator, "change-user": operator, "delete-user": operator,
	"list-user-tokens": operator, "create-user-token": operator, "revoke-user-token": operator,
	"list-invitations": operator, "create-invitation": operator, "delete-invitation": operator,
	"owner-link": operator, "audit": operator,
	"list-jobs": operator, "retry-job": operator, "cancel-job": operator, "test-mail": operator,
	"operator-models": operator, "list-plans": operator, "set-plan": operator, "admin-usage": operator,
	"get-plan": operator, "check-counters": operator, "rebuild-counters": operator,
}

// visitor is somebody at a door.
type visitor struct {
	name   string
	bearer string // "": none
	door   func(context.Context) context.Context
	is     identity.Principal // zero: nobody
}

func visitors(w *world) []visitor {
	plain := func(ctx context.Context) context.Context { return ctx }
	all := []visitor{
		{name: "nobody", door: plain},
		{name: "a wrong token", bearer: identity.PersonalToken.New(), door: plain},
		{name: "a wrong session", bearer: identity.AccessToken.New(), door: plain},
		{name: "a refresh token", bearer: identity.RefreshToken.New(), door: plain},
		{name: "the local owner", door: httpapi.LocalContext, is: identity.Principal{Local: true, Role: identity.Owner}},
		{name: "the operator", door: httpapi.OperatorContext},
		{name: "a wrong token at the operator's door", bearer: identity.PersonalToken.New(), door: httpapi.OperatorContext},
	}
	known := func(name, bearer string, p identity.Principal) {
		p.User, p.Account, p.Session = aUser, anAcct, conversation.NewID()
		w.identity.credentials[bearer] = p
		all = append(all, visitor{name: name, bearer: bearer, door: plain, is: p})
		if p.Role == identity.Owner {
			all = append(all, visitor{name: name + " at the operator's door", bearer: bearer, door: httpapi.OperatorContext, is: p})
		}
	}
	for _, role := range append(identity.Roles(), "guest") {
		for scopes := identity.Scopes(0); scopes <= identity.AllScopes; scopes++ {
			p := identity.Principal{Role: role, Scopes: scopes, ServerAdmin: scopes%2 == 0}
			known("token, "+string(role)+", "+scopes.String(), identity.PersonalToken.New(), p)
			known("session, "+string(role)+", "+scopes.String(), identity.AccessToken.New(), p)
		}
	}
	return all
}

// answer is how a visitor is to be received at a route; "": let in.
func (v visitor) answer(to may) wire.Code {
	atOperators := v.name == "the operator" || strings.HasSuffix(v.name, "at the operator's door")
	switch {
	case to == anybody, to == local && v.is.Local, to == operator && atOperators:
		return ""
	case to == operator:
		return wire.NotFound
	case to == local:
		return wire.Forbidden
	case v.is == identity.Principal{}:
		return wire.Unauthenticated
	case v.is.Local:
		return ""
	case !slices.Contains(identity.Roles(), v.is.Role):
		return wire.Forbidden
	}
	has := strings.Fields(v.is.Scopes.String())
	allowed := map[may]bool{
		scopeless: true,
		read:      slices.Contains(has, "read") || slices.Contains(has, "chat"),
		chat:      slices.Contains(has, "chat"),
		account:   slices.Contains(has, "account"),
		admin:     slices.Contains(has, "account") && v.is.Role != identity.Member,
		person: slices.Contains(has, "account") && v.is.Role == identity.Owner &&
			strings.HasPrefix(v.bearer, string(identity.AccessToken)),
	}
	if allowed[to] {
		return ""
	}
	return wire.Forbidden
}

// TestEveryRouteAndVisitor walks the whole table: each route, each kind of
// visitor, at each door.
func TestEveryRouteAndVisitor(t *testing.T) {
	t.Parallel()
	retired := 0
	w := newWorld(t, func(o *httpapi.Options) { o.Retire = func() { retired++ } })
	w.store.byID[aConv] = conversation.Conversation{ID: aConv, Account: anAcct}
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return newScript(end(conversation.Complete, 0)) }
	paths := newDocument(t, w).paths
	described := map[string]bool{}
	for _, v := range visitors(w) {
		door := httptest.NewUnstartedServer(w.api)
		door.Config.BaseContext = func(net.Listener) context.Context { return v.door(context.Background()) }
		door.Start()
		for path, item := range paths {
			for method, op := range item {
				described[op.OperationID] = true
				to, ok := routes[op.OperationID]
				if !ok {
					t.Fatalf("nobody has said who may use %s", op.OperationID)
				}
				knock(t, door, v, op.OperationID, strings.ToUpper(method), path, v.answer(to))
			}
		}
		door.Close()
	}
	for id := range routes {
		if !described[id] {
			t.Errorf("there is no %s", id)
		}
	}
	if retired != 1 {
		t.Errorf("retired %d times", retired)
	}
}

// knock tries one route as one visitor.
func knock(t *testing.T, door *httptest.Server, v visitor, id, method, path string, want wire.Code) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	place := strings.NewReplacer("/turns/{id}", "/turns/"+aTurn, "{id}", unknown, "{token}", unknown).Replace(path)
	req, err := http.NewRequestWithContext(ctx, method, door.URL+place, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	if v.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+v.bearer)
	}
	resp, err := door.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var p wire.Problem
	if resp.StatusCode >= 400 {
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
			t.Errorf("%s, %s: %d, %v", v.name, id, resp.StatusCode, err)
		}
	}
	refused := p.Code == wire.Unauthenticated || p.Code == wire.Forbidden || strings.Contains(p.Detail, "nothing at this path")
	if v.is.Local && (id == "create-token" || id == "delete-me") {
		refused = false // by the handler: there is nothing of the kind on a local server
	}
	if refused != (want != "") || refused && p.Code != want {
		t.Errorf("%s, %s: %d %s %q, want %q", v.name, id, resp.StatusCode, p.Code, p.Detail, want)
	}
	switch challenge := resp.Header.Get("WWW-Authenticate"); {
	case (resp.StatusCode == http.StatusUnauthorized) != strings.HasPrefix(challenge, `Bearer realm="aichat"`) && resp.StatusCode != http.StatusForbidden:
		t.Errorf("%s, %s: %d with WWW-Authenticate %q", v.name, id, resp.StatusCode, challenge)
	case resp.StatusCode == http.StatusUnauthorized && (v.bearer != "") != strings.Contains(challenge, "invalid_token"):
		t.Errorf("%s, %s: WWW-Authenticate %q", v.name, id, challenge)
	}
}

// RFC 6750, section 3.1: who lacks a scope is told which.
func TestInsufficientScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.ScopeRead, Session: aToken}
	resp := w.call("POST", wire.PathConversations, `{"id":"`+aConv+`"}`)
	if got, want := resp.Header.Get("WWW-Authenticate"), `Bearer realm="aichat", error="insufficient_scope", scope="chat"`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if p := w.problem(resp); p.Code != wire.Forbidden || p.Subject != "chat" {
		t.Errorf("%+v", p)
	}
	if len(w.store.byID) > 0 {
		t.Error("it was done all the same")
	}
}

// What a program says of itself is seen as one short line.
func TestSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call("GET", wire.PathMe, "", "User-Agent", "aichat/1.2.3 \u202e"+strings.Repeat("ä", 200))
	if seen := w.identity.seen; seen.Address != "127.0.0.1" || seen.Client != "aichat/1.2.3 "+strings.Repeat("ä", 43) {
		t.Errorf("%+v (%d bytes)", seen, len(seen.Client))
	}
}
