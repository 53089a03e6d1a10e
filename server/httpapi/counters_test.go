package httpapi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
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
