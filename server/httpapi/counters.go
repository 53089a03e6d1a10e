package httpapi

import (
	"context"
	"fmt"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

type checkCountersIn struct {
	User string `query:"user" doc:"Only this user's account, by the user's id."`
}

// checkCounters tells which counters are not what the ledger says.
func (a *API) checkCounters(ctx context.Context, _ caller, in *checkCountersIn) (wire.WrongCounters, error) {
	wrong, err := a.wrongCounters(ctx, in.User)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	owners, err := a.owners(ctx)
	return countersOut(wrong, owners), err
}

// wrongCounters are those of a user's account, or of all.
func (a *API) wrongCounters(ctx context.Context, user string) ([]quota.Mismatch, error) {
	if user == "" {
		return a.Counters.Mismatches(ctx, "")
	}
	u, err := a.userOf(ctx, user)
	if err != nil {
		return nil, err
	}
	return a.Counters.Mismatches(ctx, u.Account)
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

func countersOut(wrong []quota.Mismatch, owners map[identity.AccountID]identity.User) wire.WrongCounters {
	out := wire.WrongCounters{Wrong: make([]wire.WrongCounter, len(wrong))}
	for i := range wrong {
		m := &wrong[i]
		c := m.Real.Counter
		out.Wrong[i] = wire.WrongCounter{Account: string(m.Account), User: owners[m.Account].Name, Scope: string(c.Scope), Subject: c.Subject,
			Period: string(c.Period), Starts: c.Starts, Stored: takenOut(&m.Stored), Real: takenOut(&m.Real)}
	}
	return out
}

func takenOut(b *quota.Balance) wire.Taken {
	return wire.Taken{Used: wire.Amount(b.Used), Held: wire.Amount(b.Held)}
}

type rebuildCountersIn struct{ Body wire.CounterRebuild }

// rebuildCounters sets right what is wrong, account by account: what has been
// mended when one fails stays so. It tells what was wrong.
func (a *API) rebuildCounters(ctx context.Context, _ caller, in *rebuildCountersIn) (wire.WrongCounters, error) {
	found, err := a.wrongCounters(ctx, in.Body.User)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	owners, err := a.owners(ctx)
	if err != nil {
		return wire.WrongCounters{}, err
	}
	var mended []quota.Mismatch
	for i := range found {
		account := found[i].Account
		if i > 0 && found[i-1].Account == account {
			continue
		}
		wrong, err := a.Counters.Rebuild(ctx, account)
		if err != nil {
			return wire.WrongCounters{}, err
		}
		if len(wrong) > 0 {
			a.record(ctx, identity.Event{What: identity.CountersRebuilt, User: owners[account].ID, By: byOperator,
				Detail: fmt.Sprintf("%d counters of account %s were set to what its ledger says.", len(wrong), account)})
		}
		mended = append(mended, wrong...)
	}
	return countersOut(mended, owners), nil
}
