package httpapi

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

type checkCountersIn struct {
	User string `query:"user" doc:"Only this user's account, by the user's id."`
}

// checkCounters tells which counters and sums are not what the ledger says.
func (a *API) checkCounters(ctx context.Context, _ caller, in *checkCountersIn) (wire.WrongCounters, error) {
	account, err := a.audited(ctx, in.User)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	wrong, err := a.Counters.Mismatches(ctx, account)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	hours, err := a.Hours.Drift(ctx, account)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	owners, err := a.owners(ctx)
	return countersOut(wrong, hours, owners), err
}

// audited is the account of the user that is named; empty, for all: none is.
func (a *API) audited(ctx context.Context, user string) (identity.AccountID, error) {
	if user == "" {
		return "", nil
	}
	u, err := a.userOf(ctx, user)
	return u.Account, err
}

// owners are the users by their personal accounts.
func (a *API) owners(ctx context.Context) (map[identity.AccountID]identity.User, error) {
	all, err := a.Users.Users(ctx)
	owners := make(map[identity.AccountID]identity.User, len(all))
	for i := range all {
		owners[all[i].Account] = all[i]
	}
	return owners, err
}

func countersOut(wrong []quota.Mismatch, hours []usage.Drifted, owners map[identity.AccountID]identity.User) wire.WrongCounters {
	out := wire.WrongCounters{Wrong: make([]wire.WrongCounter, len(wrong)), Hours: make([]wire.WrongHour, len(hours))}
	for i := range wrong {
		m := &wrong[i]
		c := m.Real.Counter
		out.Wrong[i] = wire.WrongCounter{Account: string(m.Account), User: owners[m.Account].Name, Scope: string(c.Scope), Subject: c.Subject,
			Period: string(c.Period), Starts: c.Starts, Stored: takenOut(&m.Stored), Real: takenOut(&m.Real)}
	}
	for i := range hours {
		d := &hours[i]
		out.Hours[i] = wire.WrongHour{Account: string(d.Account), User: owners[d.Account].Name, Starts: d.Hour, Of: string(d.Of),
			Stored: sumsOut(d.Rolled), Real: sumsOut(d.Real)}
	}
	return out
}

func takenOut(b *quota.Balance) wire.Taken {
	return wire.Taken{Used: wire.Amount(b.Used), Held: wire.Amount(b.Held)}
}

type rebuildCountersIn struct{ Body wire.CounterRebuild }

// rebuildCounters sets right what is wrong, account by account and hour by hour: what
// has been mended when one fails stays so. It tells what was wrong.
func (a *API) rebuildCounters(ctx context.Context, _ caller, in *rebuildCountersIn) (wire.WrongCounters, error) {
	account, err := a.audited(ctx, in.Body.User)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	owners, err := a.owners(ctx)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	mended, err := a.mendCounters(ctx, account, owners)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	hours, err := a.mendHours(ctx, account, owners)
	return countersOut(mended, hours, owners), err
}

func (a *API) mendCounters(ctx context.Context, account identity.AccountID, owners map[identity.AccountID]identity.User) (mended []quota.Mismatch, err error) {
	found, err := a.Counters.Mismatches(ctx, account)
	for i := range found {
		account := found[i].Account
		if i > 0 && found[i-1].Account == account {
			continue
		}
		wrong, err := a.Counters.Rebuild(ctx, account)
		if err != nil {
			return mended, err
		}
		if len(wrong) > 0 {
			a.record(ctx, identity.Event{What: identity.CountersRebuilt, User: owners[account].ID, By: byOperator,
				Detail: fmt.Sprintf("%d counters of account %s were set to what its ledger says.", len(wrong), account)})
		}
		mended = append(mended, wrong...)
	}
	return mended, err
}

// mendHours sets the sums of hours right, all of an hour at a time.
func (a *API) mendHours(ctx context.Context, account identity.AccountID, owners map[identity.AccountID]identity.User) ([]usage.Drifted, error) {
	found, err := a.Hours.Drift(ctx, account)
	if err != nil {
		return nil, err
	}
	hours := map[identity.AccountID]int{}
	defer func() {
		for _, account := range slices.Sorted(maps.Keys(hours)) {
			a.record(ctx, identity.Event{What: identity.CountersRebuilt, User: owners[account].ID, By: byOperator,
				Detail: fmt.Sprintf("The sums of %d hours of account %s were set to what its ledger says.", hours[account], account)})
		}
	}()
	for i := range found {
		d := &found[i]
		if i > 0 && found[i-1].Account == d.Account && found[i-1].Hour.Equal(d.Hour) {
			continue
		}
		if err := a.Hours.Mend(ctx, d.Account, d.Hour); err != nil {
			return found, err
		}
		hours[d.Account]++
	}
	return found, nil
}
