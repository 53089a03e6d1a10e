package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
)

func letterTo(address string) mail.Letter {
	return mail.Letter{Name: "code", To: address, Data: map[string]string{"code": "123456"}}
}

// lettersTo counts the letters that are queued for an address.
func (w *world) lettersTo(address string) int64 {
	w.Helper()
	return w.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND args ->> 'to' = $1`, address)
}

func (w *world) newCode(b signin.Browser, mailbox string) signin.EmailCode {
	w.Helper()
	c := w.code(b, mailbox)
	w.must(w.signin.AddEmailCode(w.ctx, c, letterTo(mailbox)))
	return c
}

func (w *world) code(b signin.Browser, mailbox string) signin.EmailCode {
	at := w.now()
	return signin.EmailCode{Mailbox: mailbox, BrowserHash: b.Hash, CodeHash: identity.Hash(mailbox + at.String()),
		Return: "/device", CreatedAt: at, ExpiresAt: at.Add(10 * time.Minute)}
}

func (w *world) wantTry(want signin.Try, mailbox string, browser, code []byte) signin.EmailCode {
	w.Helper()
	got, c, err := w.signin.TryEmailCode(w.ctx, mailbox, browser, code, w.clock)
	w.must(err)
	wantEqual(w, "try", got, want)
	if want != signin.RightCode && c.Mailbox != "" {
		w.Errorf("a code that was not found out: %+v", c)
	}
	return c
}

func emailCodes(w *world) {
	b, other := w.newBrowser(""), w.newBrowser("")
	wrong := identity.Hash("wrong")
	c := w.newCode(b, "ann@example.com")
	wantEqual(w, "letters", w.lettersTo("ann@example.com"), 1)
	w.wantTry(signin.NoCode, c.Mailbox, other.Hash, c.CodeHash)
	w.wantTry(signin.NoCode, "bob@example.com", b.Hash, c.CodeHash)
	for range 4 {
		w.wantTry(signin.WrongCode, c.Mailbox, b.Hash, wrong)
	}
	got := w.wantTry(signin.RightCode, c.Mailbox, b.Hash, c.CodeHash)
	if got.Return != c.Return || !got.CreatedAt.Equal(c.CreatedAt) || !got.ExpiresAt.Equal(c.ExpiresAt) ||
		string(got.BrowserHash) != string(c.BrowserHash) || string(got.CodeHash) != string(c.CodeHash) {
		w.Fatalf("code %+v, want %+v", got, c)
	}
	w.wantTry(signin.NoCode, c.Mailbox, b.Hash, c.CodeHash) // used up

	c = w.newCode(b, "ann@example.com")
	for range 5 {
		w.wantTry(signin.WrongCode, c.Mailbox, b.Hash, wrong)
	}
	w.wantTry(signin.NoCode, c.Mailbox, b.Hash, c.CodeHash) // the sixth

	// A newer one voids it, from wherever it was asked for.
	c = w.newCode(b, "ann@example.com")
	newer := w.newCode(other, "ann@example.com")
	w.wantTry(signin.NoCode, c.Mailbox, b.Hash, c.CodeHash)
	w.wantTry(signin.WrongCode, c.Mailbox, other.Hash, c.CodeHash)
	late := w.clock
	w.clock = newer.ExpiresAt
	w.wantTry(signin.NoCode, c.Mailbox, other.Hash, newer.CodeHash)
	w.clock = late
	w.wantTry(signin.RightCode, c.Mailbox, other.Hash, newer.CodeHash)

	// Where there is no code there is no letter.
	lost := w.code(signin.Browser{Hash: identity.Hash("no browser")}, "eve@example.com")
	w.want(fault.NotFound, w.signin.AddEmailCode(w.ctx, lost, letterTo("eve@example.com")))
	wantEqual(w, "letters", w.lettersTo("eve@example.com"), 0)
	wantEqual(w, "letters", w.lettersTo("ann@example.com"), 4)
}

// raceEmailCodes: five tries are all, however many come at once, and the right
// one is good once.
func raceEmailCodes(w *world) {
	b := w.newBrowser("")
	for n := range rounds {
		c := w.newCode(b, fmt.Sprint(n, "@example.com"))
		now, wrong := w.clock, identity.Hash("wrong")
		var tried atomic.Int64
		together(20, func(int) {
			try, _, err := w.signin.TryEmailCode(w.ctx, c.Mailbox, b.Hash, wrong, now)
			if err != nil || try == signin.RightCode {
				w.Errorf("try: %v, %v", try, err)
			}
			if try == signin.WrongCode {
				tried.Add(1)
			}
		})
		wantEqual(w, "tries", tried.Load(), 5)
		w.wantTry(signin.NoCode, c.Mailbox, b.Hash, c.CodeHash)

		c = w.newCode(b, c.Mailbox)
		now = w.clock
		var right atomic.Int64
		together(5, func(int) {
			try, _, err := w.signin.TryEmailCode(w.ctx, c.Mailbox, b.Hash, c.CodeHash, now)
			if err != nil || try == signin.WrongCode {
				w.Errorf("try: %v, %v", try, err)
			}
			if try == signin.RightCode {
				right.Add(1)
			}
		})
		wantEqual(w, "right", right.Load(), 1)
	}
}

func (w *world) newLink() signin.OneTimeLink {
	w.Helper()
	l := w.link()
	w.must(w.signin.AddLink(w.ctx, l))
	return l
}

func (w *world) link() signin.OneTimeLink {
	at := w.now()
	return signin.OneTimeLink{Hash: identity.Hash(identity.OneTimeLink.New()), CreatedAt: at, ExpiresAt: at.Add(15 * time.Minute)}
}

func ownerLinks(w *world) {
	old, l := w.newLink(), w.newLink()
	w.want(fault.NotFound, w.signin.ClaimLink(w.ctx, old.Hash, w.clock))
	w.want(fault.NotFound, w.signin.ClaimLink(w.ctx, identity.Hash("x"), w.clock))
	w.want(fault.NotFound, w.signin.ClaimLink(w.ctx, l.Hash, l.ExpiresAt))
	w.must(w.signin.ClaimLink(w.ctx, l.Hash, w.clock))
	w.want(fault.NotFound, w.signin.ClaimLink(w.ctx, l.Hash, w.clock))
}

// raceOwnerLinks: one link at a time is good, and once.
func raceOwnerLinks(w *world) {
	const many = 5
	for range rounds {
		links := make([]signin.OneTimeLink, many)
		for i := range links {
			links[i] = w.link()
		}
		now := w.clock
		together(many, func(i int) {
			if err := w.signin.AddLink(w.ctx, links[i]); err != nil {
				w.Errorf("add: %v", err)
			}
		})
		var won atomic.Int64
		together(2*many, func(i int) {
			err := w.signin.ClaimLink(w.ctx, links[i/2].Hash, now)
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
