package httpapi_test

import (
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Contact = "ops@example.com" })
	got := get[wire.Offers](w, 200, "GET", wire.PathPlans, "")
	if !got.Metered || got.Role != "owner" || got.Contact != "ops@example.com" || len(got.Plans) != 2 {
		t.Fatalf("offers %+v", got)
	}
	own, other := got.Plans[0], got.Plans[1]
	if own.Name != "free" || own.Title != "Free" || !own.Current || own.Command != "" ||
		own.Standing[0] != (wire.Limit{Scope: "account", Period: "month", Unit: "tokens", Used: 3, Held: 2, Most: 9, ResetsAt: limitResets}) {
		t.Errorf("the own plan is %+v", own)
	}
	if other.Current || other.Command != "aichat-server plans set ada@example.com pro" || other.Rates.Streams != 2 || other.Models[0] != "demo/*" || other.Standing == nil {
		t.Errorf("the other plan is %+v", other)
	}
	w = newWorld(t, func(o *httpapi.Options) { o.Limits = nil })
	if got := get[wire.Offers](w, 200, "GET", wire.PathPlans, ""); got.Metered || got.Plans == nil {
		t.Errorf("offers of a server without any: %+v", got)
	}
}

// TestOffersToAMember: on the plan another decides, so there is nothing to type
// for this one.
func TestOffersToAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Member, Scopes: identity.ScopeRead}
	if got := get[wire.Offers](w, 200, "GET", wire.PathPlans, ""); got.Role != "member" || got.Plans[1].Command != "" {
		t.Errorf("offers %+v", got)
	}
}

// TestOperatorsCommand: it can be handed to a shell, whatever a user is called.
func TestOperatorsCommand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, email, want string }{
		{"Ada L.", "ada@example.com", "ada@example.com"},
		{"Ada L.", "", "'Ada L.'"},
		{"ada", "", "ada"},
		{"-rf", "", "-- -rf"},
		{"$(id)", "", "'$(id)'"},
		{"x", "o'n`id`@example.com", `'o'\''n` + "`id`@example.com'"},
	} {
		w := newWorld(t)
		w.identity.user.Name, w.identity.user.Email = tc.name, tc.email
		if got := get[wire.Offers](w, 200, "GET", wire.PathPlans, ""); got.Plans[1].Command != "aichat-server plans set "+tc.want+" pro" {
			t.Errorf("%+v: %s", tc, got.Plans[1].Command)
		}
	}
}
