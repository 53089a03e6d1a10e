package storetest

import (
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

func (w *world) newBrowser(user identity.UserID) signin.Browser {
	w.Helper()
	b := w.browser(user)
	w.must(w.signin.AddBrowser(w.ctx, b))
	return b
}

func (w *world) browser(user identity.UserID) signin.Browser {
	b := signin.Browser{Hash: identity.Hash(identity.BrowserCookie.New()), User: user, CreatedAt: w.now()}
	b.ExpiresAt = b.CreatedAt.Add(time.Hour)
	if user != "" {
		b.SignedAt = b.CreatedAt
	}
	return b
}

func (w *world) wantBrowser(b signin.Browser, there bool) {
	w.Helper()
	got, err := w.signin.Browser(w.ctx, b.Hash, w.clock)
	if !there {
		w.want(fault.NotFound, err)
		return
	}
	w.must(err)
	if string(got.Hash) != string(b.Hash) || got.User != b.User || !got.CreatedAt.Equal(b.CreatedAt) ||
		!got.ExpiresAt.Equal(b.ExpiresAt) || !got.SignedAt.Equal(b.SignedAt) {
		w.Fatalf("browser %+v, want %+v", got, b)
	}
}

func browsers(w *world) {
	before := w.newBrowser("")
	w.wantBrowser(before, true)
	w.want(fault.IDConflict, w.signin.AddBrowser(w.ctx, before))
	l, c := w.newLogin(before, "state"), w.newCode(before, "ann@example.com")
	other := w.newBrowser("")
	theirs := w.newLogin(other, "their state")

	// Another session in its place ends it, and all that it had under way.
	after := w.browser(w.user)
	w.must(w.signin.ReplaceBrowser(w.ctx, before.Hash, after))
	w.wantBrowser(before, false)
	w.wantBrowser(after, true)
	for _, hash := range [][]byte{before.Hash, after.Hash} {
		_, err := w.signin.ClaimLogin(w.ctx, l.StateHash, hash, w.clock)
		w.want(fault.NotFound, err)
		w.wantTry(signin.NoCode, c.Mailbox, hash, c.CodeHash)
	}
	_, err := w.signin.ClaimLogin(w.ctx, theirs.StateHash, other.Hash, w.clock)
	w.must(err)

	w.clock = after.ExpiresAt
	w.wantBrowser(after, false)
	w.clock = after.CreatedAt
	_, bob := w.newUser("bob")
	second, bobs := w.newBrowser(w.user), w.newBrowser(bob)
	w.must(w.signin.RemoveBrowser(w.ctx, second.Hash))
	w.must(w.signin.RemoveBrowser(w.ctx, second.Hash))
	w.wantBrowser(second, false)
	w.wantBrowser(after, true)
	w.must(w.signin.RemoveBrowsers(w.ctx, w.user))
	w.wantBrowser(after, false)
	w.wantBrowser(bobs, true)
	w.must(w.signin.RemoveBrowsers(w.ctx, "")) // nobody's are everybody's
	w.wantBrowser(other, true)
}

func (w *world) newLogin(b signin.Browser, state string) signin.Login {
	w.Helper()
	l := signin.Login{StateHash: identity.Hash(state), BrowserHash: b.Hash, Provider: "google", Nonce: "n", Verifier: "v",
		Return: "/device?code=ü", ExpiresAt: w.now().Add(10 * time.Minute)}
	w.must(w.signin.AddLogin(w.ctx, l))
	return l
}

func logins(w *world) {
	b, other := w.newBrowser(""), w.newBrowser("")
	l := w.newLogin(b, "state")
	_, err := w.signin.ClaimLogin(w.ctx, identity.Hash("another"), b.Hash, w.clock)
	w.want(fault.NotFound, err)
	_, err = w.signin.ClaimLogin(w.ctx, l.StateHash, other.Hash, w.clock)
	w.want(fault.NotFound, err)
	_, err = w.signin.ClaimLogin(w.ctx, l.StateHash, b.Hash, l.ExpiresAt)
	w.want(fault.NotFound, err)
	got, err := w.signin.ClaimLogin(w.ctx, l.StateHash, b.Hash, w.clock)
	w.must(err)
	if string(got.StateHash) != string(l.StateHash) || string(got.BrowserHash) != string(l.BrowserHash) || got.Provider != l.Provider ||
		got.Nonce != l.Nonce || got.Verifier != l.Verifier || got.Return != l.Return || !got.ExpiresAt.Equal(l.ExpiresAt) {
		w.Fatalf("login %+v, want %+v", got, l)
	}
	_, err = w.signin.ClaimLogin(w.ctx, l.StateHash, b.Hash, w.clock)
	w.want(fault.NotFound, err)
	l.BrowserHash = identity.Hash("no browser")
	w.want(fault.NotFound, w.signin.AddLogin(w.ctx, l))
}

// raceClaimLogin: a state that comes back several times at once is good once.
func raceClaimLogin(w *world) {
	b := w.newBrowser("")
	for range rounds {
		l := w.newLogin(b, "state")
		now := w.clock
		var won atomic.Int64
		together(6, func(int) {
			_, err := w.signin.ClaimLogin(w.ctx, l.StateHash, b.Hash, now)
			switch {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, fault.NotFound):
				w.Errorf("claim: %v", err)
			}
		})
		wantEqual(w, "won", won.Load(), 1)
	}
}
