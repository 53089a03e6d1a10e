package httpapi_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// fakeCounters are wrong until they are rebuilt.
type fakeCounters struct{ wrong []quota.Mismatch }

func (f *fakeCounters) Mismatches(_ context.Context, account identity.AccountID) (all []quota.Mismatch, err error) {
	for _, m := range f.wrong {
		if account == "" || m.Account == account {
			all = append(all, m)
		}
	}
	return all, nil
}

func (f *fakeCounters) Rebuild(ctx context.Context, account identity.AccountID) ([]quota.Mismatch, error) {
	wrong, err := f.Mismatches(ctx, account)
	var left []quota.Mismatch
	for _, m := range f.wrong {
		if m.Account != account {
			left = append(left, m)
		}
	}
	f.wrong = left
	return wrong, err
}

// fakeHours are wrong until they are mended.
type fakeHours struct{ wrong []usage.Drifted }

func (f *fakeHours) Drift(_ context.Context, account identity.AccountID) (all []usage.Drifted, err error) {
	for _, d := range f.wrong {
		if account == "" || d.Account == account {
			all = append(all, d)
		}
	}
	return all, nil
}

func (f *fakeHours) Mend(_ context.Context, account identity.AccountID, hour time.Time) error {
	f.wrong = slices.DeleteFunc(slices.Clone(f.wrong), func(d usage.Drifted) bool { return d.Account == account && d.Hour.Equal(hour) })
	return nil
}

func wrongCounter(account identity.AccountID, period quota.Period) quota.Mismatch {
	c := quota.Counter{Scope: quota.ForAccount, Period: period, Starts: limitResets}
	return quota.Mismatch{Account: account, Stored: quota.Balance{Counter: c, Held: quota.Amount{Tokens: 9}}, Real: quota.Balance{Counter: c, Used: quota.Amount{Messages: 1}}}
}

// TestWrongCounters are told, set right and recorded, once for each account.
func TestWrongCounters(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	w.counters.wrong = []quota.Mismatch{wrongCounter(anAcct, quota.Day), wrongCounter(anAcct, quota.Month), wrongCounter("closed", quota.Day)}
	got := get[wire.WrongCounters](w, 200, "GET", wire.PathAdminCounters, "").Wrong
	if len(got) != 3 || got[0].User == "" || got[2].User != "" || got[0].Stored.Held.Tokens != 9 || got[0].Real.Used.Messages != 1 || got[0].Period != "day" {
		t.Errorf("wrong %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "GET", wire.PathAdminCounters+"?user="+aUser, "").Wrong; len(got) != 2 {
		t.Errorf("of one user %+v", got)
	}
	get[wire.Problem](w, 404, "GET", wire.PathAdminCounters+"?user="+unknown, "")
	get[wire.Problem](w, 404, "POST", wire.PathAdminCounters, `{"user":"`+unknown+`"}`)
	if got := get[wire.WrongCounters](w, 200, "POST", wire.PathAdminCounters, `{"user":"`+aUser+`"}`).Wrong; len(got) != 2 {
		t.Errorf("mended %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "POST", wire.PathAdminCounters, `{}`).Wrong; len(got) != 1 || got[0].Account != "closed" {
		t.Errorf("mended %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "POST", wire.PathAdminCounters, `{}`).Wrong; len(got) != 0 {
		t.Errorf("mended again %+v", got)
	}
	events := w.identity.recorded()
	if len(events) != 2 || events[0].What != identity.CountersRebuilt || events[0].User != aUser || events[1].User != "" || !strings.Contains(events[1].Detail, "1 counters of account closed") {
		t.Errorf("recorded %+v", events)
	}
}

// TestWrongHours are told with every sum of theirs, set right once, and recorded by
// account.
func TestWrongHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	hour := func(account identity.AccountID, hours int, of usage.Rollup) usage.Drifted {
		return usage.Drifted{Account: account, Hour: limitResets.Add(time.Duration(hours) * time.Hour), Of: of, Rolled: usage.Sums{Calls: 3}, Real: usage.Sums{Calls: 2}}
	}
	w.hours.wrong = []usage.Drifted{hour(anAcct, 0, usage.UsageRollup), hour(anAcct, 0, usage.OutcomeRollup), hour(anAcct, 1, usage.UsageRollup),
		hour("closed", 1, usage.ConversationRollup)}
	got := get[wire.WrongCounters](w, 200, "GET", wire.PathAdminCounters, "").Hours
	if len(got) != 4 || got[0].User == "" || got[3].User != "" || got[1].Of != wire.RollupOfOutcomes || got[0].Stored.Calls != 3 || got[0].Real.Calls != 2 {
		t.Errorf("wrong %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "GET", wire.PathAdminCounters+"?user="+aUser, ""); len(got.Hours) != 3 || got.Wrong == nil {
		t.Errorf("of one user %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "POST", wire.PathAdminCounters, `{"user":"`+aUser+`"}`).Hours; len(got) != 3 {
		t.Errorf("mended %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "POST", wire.PathAdminCounters, `{}`).Hours; len(got) != 1 {
		t.Errorf("mended %+v", got)
	}
	if got := get[wire.WrongCounters](w, 200, "POST", wire.PathAdminCounters, `{}`).Hours; len(got) != 0 {
		t.Errorf("mended again %+v", got)
	}
	events := w.identity.recorded()
	if len(events) != 2 || events[0].What != identity.CountersRebuilt || events[0].User != aUser || !strings.Contains(events[0].Detail, "2 hours") || events[1].User != "" {
		t.Errorf("recorded %+v", events)
	}
}
