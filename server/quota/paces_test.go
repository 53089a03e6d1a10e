package quota_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/quota/quotatest"
)

func TestPaces(t *testing.T) {
	t.Parallel()
	quotatest.Pacers(t, func(_ *testing.T, now func() time.Time) quota.Pacer { return quota.NewPaces(now) })
}

// TestPacesForget: who is away and has nothing running is not remembered.
func TestPacesForget(t *testing.T) {
	t.Parallel()
	var away atomic.Int64
	p := quota.NewPaces(func() time.Time { return may17.Add(time.Duration(away.Load())) })
	r := quota.Rates{RequestsPerMinute: 100, TokensPerMinute: 100}
	enter := func(account identity.AccountID) quota.Pass {
		pass, err := p.Enter(t.Context(), quota.Walker{Account: account}, r, 1)
		if err != nil {
			t.Fatal(err)
		}
		return pass
	}
	running := enter("a")
	for i := range 500 {
		enter(identity.AccountID(rune('b' + i))).Leave(1)
	}
	away.Store(int64(2 * time.Minute))
	enter("last")
	if n := p.Walkers(); n != 2 {
		t.Errorf("%d accounts are remembered", n)
	}
	running.Leave(1)
}
