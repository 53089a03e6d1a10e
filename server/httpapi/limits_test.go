package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// fakeLimits says of everybody what a test has put into it.
type fakeLimits struct {
	pace quota.Pace
	plan map[identity.AccountID]string
	day  int

	trouble *quota.PlansTrouble
}

var limitResets = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

func (f *fakeLimits) All() []quota.Plan {
	return []quota.Plan{
		{Name: "free", Title: "Free", Limits: []quota.Limit{{Scope: quota.ForAccount, Period: quota.Month, Unit: quota.Tokens, Most: 9}}},
		{Name: "pro", Models: []string{"demo/*"}, Rates: quota.Rates{Streams: 2}, Private: true},
	}
}

func (f *fakeLimits) Anchor(context.Context, identity.AccountID) (int, error) { return 5, nil }

func (f *fakeLimits) Default() string { return "free" }

func (f *fakeLimits) Trouble() *quota.PlansTrouble { return f.trouble }

func (f *fakeLimits) Overview(_ context.Context, p identity.Principal) (quota.Overview, error) {
	if p.Local {
		return quota.Overview{}, nil
	}
	return quota.Overview{Metered: true, Plan: f.All()[0], Limits: []quota.Left{{
		Counter: quota.Counter{Scope: quota.ForAccount, Period: quota.Month}, Unit: quota.Tokens, Used: 3, Held: 2, Most: 9, Resets: limitResets}}}, nil
}

func (f *fakeLimits) Offers(ctx context.Context, p identity.Principal) (quota.Offers, error) {
	o, err := f.Overview(ctx, p)
	if err != nil || !o.Metered {
		return quota.Offers{}, err
	}
	all := f.All()
	return quota.Offers{Metered: true, Plans: []quota.Offer{{Plan: all[0], Current: true, Standing: o.Limits}, {Plan: all[1]}}}, nil
}

func (f *fakeLimits) Pace(context.Context, identity.Principal) (quota.Pace, bool) {
	return f.pace, f.pace.Limit > 0
}

func (f *fakeLimits) Accounts(context.Context) (map[string]int64, error) {
	return map[string]int64{"": 3, "pro": 2, "gone": 1}, nil
}

func (f *fakeLimits) SetPlan(_ context.Context, account identity.AccountID, plan string) error {
	f.plan[account] = plan
	return nil
}

func (f *fakeLimits) PlanOf(_ context.Context, account identity.AccountID) (string, int, error) {
	return f.plan[account], f.day, nil
}

func (f *fakeLimits) SetAnchor(_ context.Context, _ identity.AccountID, day int) error {
	f.day = day
	return nil
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := get[wire.Limits](w, 200, "GET", wire.PathLimits, "")
	want := wire.Limit{Scope: "account", Period: "month", Unit: "tokens", Used: 3, Held: 2, Most: 9, ResetsAt: limitResets}
	if !got.Metered || got.Plan != "free" || got.Title != "Free" || len(got.Limits) != 1 || got.Limits[0] != want {
		t.Errorf("limits %+v", got)
	}
	w = newWorld(t, func(o *httpapi.Options) { o.Limits = nil })
	if got := get[wire.Limits](w, 200, "GET", wire.PathLimits, ""); got.Metered || got.Limits == nil {
		t.Errorf("limits of a server without any: %+v", got)
	}
}

// TestPace: whoever begins a turn learns how many more may be begun, also who was
// refused.
func TestPace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.limits.pace = quota.Pace{Limit: 20, Remaining: 0, Reset: 59500 * time.Millisecond}
	w.turns.failWith = &fault.Error{Kind: fault.RateLimited, RetryAfter: 2500 * time.Millisecond, Subject: "requests_per_minute"}
	resp := w.call("POST", wire.ConversationPath(aConv, wire.BelowTurns), `{"id":"`+aTurn+`","question":`+aQuestion+`}`)
	defer func() { _ = resp.Body.Close() }() // its headers were wanted
	if resp.StatusCode != http.StatusTooManyRequests {
		t.Fatalf("status %d", resp.StatusCode)
	}
	for name, want := range map[string]string{wire.HeaderRateLimit: "20", wire.HeaderRateRemaining: "0", wire.HeaderRateReset: "60", "Retry-After": "3"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestOperatorsPlans(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	list := get[wire.PlanList](w, 200, "GET", wire.PathAdminPlans, "").Plans
	if len(list) != 2 || !list[0].Default || list[0].Accounts != 4 || list[1].Accounts != 2 || list[1].Rates.Streams != 2 || !list[0].Offered || list[1].Offered ||
		list[0].Limits[0] != (wire.PlanLimit{Scope: "account", Period: "month", Unit: "tokens", Most: 9}) {
		t.Errorf("plans %+v", list)
	}
	w.limits.trouble = &quota.PlansTrouble{File: "p.toml", Since: time.Unix(1, 0), Err: errors.New("p.toml:1: a\np.toml:2: b")}
	if is := get[wire.PlanList](w, 200, "GET", wire.PathAdminPlans, "").Trouble; is == nil || is.File != "p.toml" || is.Since.Unix() != 1 || len(is.Mistakes) != 2 {
		t.Errorf("trouble %+v", is)
	}
	path := wire.AdminUserPath(aUser, wire.BelowPlan)
	get[struct{}](w, 204, "PUT", path, `{"plan":"pro"}`)
	if w.limits.plan[anAcct] != "pro" {
		t.Errorf("set %v", w.limits.plan)
	}
	get[struct{}](w, 204, "PUT", path, `{"plan":""}`)
	get[struct{}](w, 204, "PUT", path, `{"plan":"pro","month_day":31}`)
	get[wire.Problem](w, 400, "PUT", path, `{"plan":"pro","month_day":32}`)
	if got := get[wire.AccountPlan](w, 200, "GET", path, ""); got.Plan != "pro" || got.MonthDay != 31 || !got.MonthStarts.Before(got.MonthEnds) {
		t.Errorf("has %+v", got)
	}
	get[struct{}](w, 204, "PUT", path, `{"plan":"","month_day":0}`)
	get[wire.Problem](w, 400, "PUT", path, `{"plan":"gold"}`)
	get[wire.Problem](w, 404, "PUT", wire.AdminUserPath(unknown, wire.BelowPlan), `{"plan":"pro"}`)
	if got := w.identity.recorded(); len(got) != 4 || !strings.HasSuffix(got[2].Detail, "begin on day 31.") || !strings.HasSuffix(got[3].Detail, "begin on the day of the account's creation.") || got[0].What != identity.PlanChanged {
		t.Errorf("recorded %+v", got)
	}
}
