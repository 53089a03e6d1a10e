package httpapi_test

import (
	"context"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
)

// operator is the same world at the operator's door, without a token.
func (w *world) operator() *world {
	w.t.Helper()
	door := httptest.NewUnstartedServer(w.api)
	door.Config.BaseContext = func(net.Listener) context.Context { return httpapi.OperatorContext(context.Background()) }
	door.Start()
	w.t.Cleanup(door.Close)
	there := *w
	there.url, there.token = door.URL, ""
	return &there
}

func TestOperatorsUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	made := get[wire.User](w, 201, "POST", wire.PathAdminUsers, `{"id":"`+bUser+`","name":" Bea "}`)
	if made.Name != "Bea" || made.ID != bUser {
		t.Errorf("%+v", made)
	}
	get[wire.User](w, 201, "POST", wire.PathAdminUsers, `{"id":"`+bUser+`","name":"Bea"}`)
	for _, body := range []string{`{"id":"` + unknown + `","name":"Bea"}`, `{"id":"` + unknown + `","name":""}`, `{"id":"x","name":"X"}`} {
		get[wire.Problem](w, 400, "POST", wire.PathAdminUsers, body)
	}
	if list := get[wire.UserList](w, 200, "GET", wire.PathAdminUsers+"?name=Bea", ""); len(list.Users) != 1 || list.Users[0].ID != bUser {
		t.Errorf("%+v", list)
	}
	if list := get[wire.UserList](w, 200, "GET", wire.PathAdminUsers+"?name="+bUser, ""); len(list.Users) != 1 || list.Users[0].Name != "Bea" {
		t.Errorf("by id: %+v", list)
	}
	get[wire.Problem](w, 404, "GET", wire.PathAdminUsers+"?name=nobody", "")
	if u := get[wire.User](w, 200, "PATCH", wire.AdminUserPath(aUser), `{"server_admin":true}`); !u.ServerAdmin {
		t.Errorf("%+v", u)
	}
	get[wire.User](w, 200, "PATCH", wire.AdminUserPath(aUser), `{"server_admin":true}`) // nothing new
	if p := get[wire.Problem](w, 400, "PATCH", wire.AdminUserPath(aUser), `{"server_admin":false}`); !strings.Contains(p.Detail, "only server admin") {
		t.Errorf("%+v", p)
	}
	get[struct{}](w, 204, "DELETE", wire.AdminUserPath(bUser), "")
	get[wire.Problem](w, 404, "DELETE", wire.AdminUserPath(bUser), "")
	var what []string
	for _, e := range w.identity.recorded() {
		what = append(what, string(e.What)+" by "+e.By)
	}
	if got, want := strings.Join(what, ", "), "signed_up by operator, role_changed by operator, user_removed by operator"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestOperatorsTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	path := wire.AdminUserPath(aUser, wire.BelowTokens)
	made := get[wire.Token](w, 201, "POST", path, `{"id":"`+aToken+`","name":"CI","scope":"read account"}`)
	if made.Token == "" || made.ExpiresAt != nil || made.Scope != "read account" {
		t.Errorf("%+v", made)
	}
	get[wire.Problem](w, 409, "POST", path, `{"id":"`+aToken+`","name":"CI"}`)
	if list := get[wire.TokenList](w, 200, "GET", path, ""); len(list.Tokens) != 1 || list.Tokens[0].Token != "" {
		t.Errorf("%+v", list)
	}
	get[struct{}](w, 204, "DELETE", wire.AdminUserPath(aUser, wire.BelowTokens, aToken), "")
	get[wire.Problem](w, 404, "GET", wire.AdminUserPath(unknown, wire.BelowTokens), "")
}

func TestOperatorsInvitations(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	i := get[wire.Invitation](w, 201, "POST", wire.PathAdminInvitations, `{"email":" Bob@Example.com ","admin":true}`)
	if i.Email != "bob@example.com" || !i.Admin || !i.Mailed || i.URL == "" || i.ExpiresAt != nil {
		t.Errorf("%+v", i)
	}
	for _, body := range []string{`{"email":"bob"}`, `{"email":"bob@example.com\nBcc: x@y.example"}`, `{"email":"bob@example.com","expires_at":"2020-01-01T00:00:00Z"}`} {
		get[wire.Problem](w, 400, "POST", wire.PathAdminInvitations, body)
	}
	if list := get[wire.InvitationList](w, 200, "GET", wire.PathAdminInvitations, ""); len(list.Invitations) != 1 || list.Invitations[0].Mailed {
		t.Errorf("%+v", list)
	}
	get[struct{}](w, 204, "DELETE", wire.PathAdminInvitations+"?email=BOB@example.com", "")
	get[wire.Problem](w, 404, "DELETE", wire.PathAdminInvitations+"?email=bob@example.com", "")
	if e := w.identity.recorded(); len(e) != 2 || e[0].What != identity.UserInvited || e[0].By != "operator" || e[1].What != identity.UserUninvited {
		t.Errorf("%+v", e)
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	w.identity.events = []identity.Event{{ID: unknown, At: noon, What: identity.SignedIn, User: aUser, By: aUser, Address: "192.0.2.1", Detail: "D"}}
	page := get[wire.AuditPage](w, 200, "GET", wire.PathAdminAudit+"?what=signed_in&user="+aUser+"&since=2026-01-01T00:00:00Z&limit=5000", "")
	if len(page.Events) != 1 || page.Events[0].What != "signed_in" || page.Events[0].Address != "192.0.2.1" {
		t.Errorf("%+v", page)
	}
	want := identity.EventFilter{User: aUser, What: identity.SignedIn, Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Limit: 1000}
	if w.identity.filter != want {
		t.Errorf("%+v", w.identity.filter)
	}
	get[wire.Problem](w, 400, "GET", wire.PathAdminAudit+"?user=x", "")
	get[wire.Problem](w, 400, "GET", wire.PathAdminAudit+"?since=yesterday", "")
	link := get[wire.OwnerLink](w, 200, "POST", wire.PathAdminOwnerLink, "")
	if link.URL == "" || link.ExpiresAt.IsZero() {
		t.Errorf("%+v", link)
	}
}
