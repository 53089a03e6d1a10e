package server_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota/redis/redistest"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/store/pgtest"
)

// plansFile is a file of plans.
func plansFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plans.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const smallPlans = `
[plan.small]
title = "Small"
[[plan.small.limit]]
for = "account"
per = "day"
messages = 2
[plan.slow]
requests_per_minute = 1
`

// TestPlansAreKept: what a plan has is told before and after, and refused with a
// sentence, a time and headers when it is used up. The owner of the socket is not
// metered.
func TestPlansAreKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database, func(o *servertest.Options) {
			o.Plans, o.DefaultPlan, o.DefaultModel = plansFile(t, smallPlans), "small", "demo/demo"
		})
		for i := range 2 {
			a := newAsking()
			heard := w.begin(a).rest()
			if name, _ := ended(t, heard); name != wire.EventCompleted {
				t.Fatalf("question %d: %s", i, name)
			}
			var warned []string
			for _, e := range heard {
				if e.name == wire.EventNotice {
					warned = append(warned, string(e.data))
				}
			}
			if last := i == 1; last != (len(warned) == 1 && strings.Contains(warned[0], "limit is reached")) {
				t.Errorf("question %d: warned %q", i, warned)
			}
		}
		a := newAsking()
		p, header := w.refused(a)
		if p.Status != http.StatusPaymentRequired || p.Code != wire.QuotaExhausted || p.RetryAfter <= 0 || p.Subject != "account.day.messages" ||
			!strings.Contains(p.Detail, "The plan Small allows 2 messages a day: 2 messages used") || !strings.HasSuffix(p.Detail, "The plan slow allows more. To get it, type: aichat upgrade") || header.Get("Retry-After") == "" {
			t.Errorf("refused with %+v", p)
		}
		var limits wire.Limits
		w.call(http.StatusOK, "GET", wire.PathLimits, nil, &limits)
		if len(limits.Limits) != 1 || limits.Limits[0].Used != 2 || limits.Limits[0].Held != 0 || limits.Limits[0].Most != 2 || limits.Plan != "small" {
			t.Errorf("limits %+v", limits)
		}
	})
}

// TestRatesAreKept: too many in a minute are refused in another way, which says
// when to come back.
func TestRatesAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", func(o *servertest.Options) {
		o.Plans, o.DefaultPlan, o.DefaultModel = plansFile(t, smallPlans), "slow", "demo/demo"
	})
	a := newAsking()
	w.begin(a).rest()
	p, header := w.refused(newAsking())
	if p.Status != http.StatusTooManyRequests || p.Code != wire.RateLimited || p.Subject != "requests_per_minute" || p.RetryAfter <= 0 || p.RetryAfter > 60 {
		t.Errorf("refused with %+v", p)
	}
	if header.Get(wire.HeaderRateLimit) != "1" || header.Get(wire.HeaderRateRemaining) != "0" || header.Get("Retry-After") == "" {
		t.Errorf("headers %v", header)
	}
	// The same question again is no new one.
	w.call(http.StatusOK, "POST", wire.ConversationPath(a.conversation, wire.BelowTurns), a.body(), nil)
}

const barringPlans = `
[plan.small]
models = ["demo/*"]
[plan.big]
models = ["stub/*"]
[plan.all]
`

// TestModelsOfPlans: a model that the plan has not is listed as that, with the
// plans that have it, and refused in the same words; the owner may ask all.
func TestModelsOfPlans(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", func(o *servertest.Options) {
		o.Plans, o.DefaultPlan = plansFile(t, barringPlans), "small"
	})
	find := func(id string) wire.Model {
		t.Helper()
		var list wire.ModelList
		w.call(http.StatusOK, "GET", wire.PathModels, nil, &list)
		at := slices.IndexFunc(list.Models, func(m wire.Model) bool { return m.ID == id })
		if at < 0 {
			t.Fatalf("%s is not listed", id)
		}
		if first := slices.IndexFunc(list.Models, func(m wire.Model) bool { return !m.Usable }); list.Models[at].Usable && first < at {
			t.Errorf("%s comes after what cannot be used", id)
		}
		return list.Models[at]
	}
	if m := find("demo/demo"); !m.Usable || m.Barred || m.Plans != nil {
		t.Errorf("%+v", m)
	}
	if m := find("openai/gpt-6.2-sol"); !m.Barred || len(m.Prices) != 2 || m.Prices[1].Above != 272_000 || !slices.Equal(m.Plans, []string{"all"}) {
		t.Errorf("%+v", m)
	}
	p, _ := w.refused(newAsking())
	if p.Status != http.StatusForbidden || !strings.Contains(p.Detail, "The plan small does not have stub/talker; it has demo/*. The plans big, all have it") {
		t.Errorf("%+v", p)
	}
}

// TestRatesOfServersTogether: with one Redis two servers let in as many as one.
func TestRatesOfServersTogether(t *testing.T) {
	t.Parallel()
	plans, database, shared := plansFile(t, smallPlans), pgtest.URL(t), redistest.URL(t)
	with := func(o *servertest.Options) {
		o.Plans, o.DefaultPlan, o.DefaultModel, o.Redis = plans, "slow", "demo/demo", shared
	}
	one, two := newWorld(t, database, with), newWorld(t, database, with)
	ada := one.server.NewUser(t, "ada")
	token, _ := one.server.TokenOf(t, ada.ID, identity.AllScopes)
	one.as(token).begin(newAsking()).rest()
	p, header := two.as(token).refused(newAsking())
	if p.Code != wire.RateLimited || p.Subject != "requests_per_minute" || header.Get(wire.HeaderRateRemaining) != "0" {
		t.Errorf("the other server answers %+v, %v", p, header)
	}
}

// refused asks, is refused, and returns with what.
func (w *world) refused(a asking) (wire.Problem, http.Header) {
	w.t.Helper()
	resp := w.request(w.t.Context(), "POST", wire.ConversationPath(a.conversation, wire.BelowTurns), a.body())
	defer func() { _ = resp.Body.Close() }() // it has been read
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var p wire.Problem
	decode(w.t, raw, &p)
	return p, resp.Header
}
