package signin_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// acme is a provider that vouches for whoever the code names, and remembers what
// it was asked to begin.
type acme struct {
	issuer string
	away   bool

	mu     sync.Mutex
	begun  []signin.Login
	states []string
}

func (a *acme) Name() string  { return "acme" }
func (a *acme) Title() string { return "Acme" }

func (a *acme) Begin(_ context.Context, redirect string, l signin.Login, state string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.away {
		return "", fault.New(fault.Unavailable, "Acme is away.")
	}
	a.begun, a.states = append(a.begun, l), append(a.states, state)
	return redirect + "?state=" + state, nil
}

func (a *acme) Finish(_ context.Context, _ string, _ signin.Login, code string) (signin.Person, error) {
	return signin.Person{External: identity.External{
		Issuer: a.issuer, Subject: code, Email: strings.TrimRight(code, "0123456789") + "@example.com", EmailVerified: true,
	}, Name: code}, nil
}

// pages are Pages on the world's database; change says how they differ.
func (w *world) pages(change ...func(*signin.PageOptions)) *signin.Pages {
	w.Helper()
	ids := w.db.Identities()
	o := signin.PageOptions{
		Store: w.db.SignIn(), People: w.db.SignIn(), Users: ids, Externals: ids, Audit: ids, Letters: w.db.Jobs(),
		Providers: []signin.Provider{&acme{issuer: "https://acme.example"}}, Email: true,
		Policy: signin.Policy{SignUp: signin.Open}, URL: "https://chat.example.com", Now: w.now, Logger: w.options.Logger,
	}
	for _, c := range change {
		c(&o)
	}
	return signin.NewPages(o)
}

// visit is a browser that nobody has seen before.
func (w *world) visit(p *signin.Pages) signin.Visit {
	w.Helper()
	v, err := p.Visit(w.ctx, "", identity.Seen{Address: "203.0.113.9"})
	w.must(err)
	return v
}

// come signs somebody in at Acme.
func come(ctx context.Context, p *signin.Pages, v signin.Visit, code string) (signin.Entered, error) {
	where, err := p.BeginLogin(ctx, v, "acme", "/device/confirm?user_code=BCDF-GHJK")
	if err != nil {
		return signin.Entered{}, err
	}
	at, err := url.Parse(where)
	if err != nil {
		return signin.Entered{}, err
	}
	return p.FinishLogin(ctx, v, "acme", signin.Callback{State: at.Query().Get("state"), Code: code})
}

func TestReturnPath(t *testing.T) {
	t.Parallel()
	for _, ours := range []string{"/account", "/device", "/device/confirm", "/device/confirm?user_code=BCDF-GHJK", "/account?x=//y"} {
		if got := signin.ReturnPath(ours); got != ours {
			t.Errorf("%q becomes %q", ours, got)
		}
	}
	for _, other := range []string{
		"", "/", "account", "//account", "/accountant", "/signin", "/oauth/token", "/api/v1/sync", "https://chat.example.com/account",
		"//evil.example/account", "/\\evil.example", "/account\\..\\x", "/account/..", "/account/../signin", "/account//x", "/account/./x", "/account/",
		"/account#x", "/acc\tount", "/account\n", "\n/account", "/account\x00", "/äccount", "/account?ä", "/%61ccount/..%2f..", "javascript:/account",
		"http:/account", "/account/" + strings.Repeat("x", 300), "//user@evil.example", "/account%",
	} {
		if got := signin.ReturnPath(other); got != signin.HomePath {
			t.Errorf("%q passes as %q", other, got)
		}
	}
}

func FuzzReturnPath(f *testing.F) {
	for _, text := range []string{"/account", "//evil.example", "/device/confirm?user_code=X", "/\\x", "/account/%2e%2e//x", "/device?return=https://x"} {
		f.Add(text)
	}
	base, err := url.Parse("https://chat.example.com/signin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := signin.ReturnPath(text)
		to, err := base.Parse(got)
		if err != nil || to.Host != base.Host || to.Scheme != "https" || strings.HasPrefix(got, "//") || strings.Contains(got, "\\") ||
			!strings.HasPrefix(to.Path, "/account") && !strings.HasPrefix(to.Path, "/device") {
			t.Errorf("%q leads to %q", text, got)
		}
		if signin.ReturnPath(got) != got {
			t.Errorf("%q is not what it leads to itself", got)
		}
	})
}

// What goes to a provider is fresh for each login and fit for PKCE (RFC 7636,
// section 4.1).
func TestEachLoginHasChancesOfItsOwn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		at := &acme{issuer: "https://acme.example"}
		p := w.pages(func(o *signin.PageOptions) { o.Providers = []signin.Provider{at} })
		v := w.visit(p)
		seen := map[string]bool{}
		for range 5 {
			if _, err := p.BeginLogin(w.ctx, v, "acme", "/account"); err != nil {
				w.Fatal(err)
			}
		}
		for i, l := range at.begun {
			for _, chance := range []string{l.Nonce, l.Verifier, at.states[i]} {
				if seen[chance] || len(chance) != 43 {
					w.Errorf("%q was used before, or is too short", chance)
				}
				seen[chance] = true
			}
		}
	})
}

// Two tabs of one person make one user.
func TestOneIdentityIsOneUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		p := w.pages()
		before := w.userCount()
		users := make([]identity.UserID, 8)
		var all sync.WaitGroup
		for i := range users {
			v := w.visit(p)
			all.Go(func() {
				e, err := come(w.ctx, p, v, "ada")
				if err != nil {
					w.Errorf("sign-in %d: %v", i, err)
				}
				users[i] = e.User
			})
		}
		all.Wait()
		if slices.Sort(users); users[0] == "" || users[0] != users[len(users)-1] || w.userCount() != before+1 {
			w.Errorf("they are %q, and %d users more", users, w.userCount()-before)
		}
	})
}

func (w *world) userCount() int {
	w.Helper()
	all, err := w.db.Identities().Users(w.ctx)
	w.must(err)
	return len(all)
}

// An invitation lets one in, however many come with its address at once.
func TestAnInvitationIsForOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		p := w.pages(func(o *signin.PageOptions) { o.Policy = signin.Policy{} })
		w.must(w.db.SignIn().Invite(w.ctx, signin.Invitation{Mailbox: "ada@example.com", Admin: true, By: "operator", CreatedAt: w.now()}, nil))
		before := w.userCount()
		var all sync.WaitGroup
		var mu sync.Mutex
		var in []signin.Entered
		for i := range 6 {
			v := w.visit(p)
			all.Go(func() {
				e, err := come(w.ctx, p, v, "ada"+string(rune('0'+i))) // one address, six subjects
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in = append(in, e)
				} else if !fault.Is(err, fault.Forbidden) {
					w.Errorf("the refusal is %v", err)
				}
			})
		}
		all.Wait()
		if len(in) != 1 || w.userCount() != before+1 {
			w.Fatalf("%d are in, as %d users", len(in), w.userCount()-before)
		}
		if e := in[0]; !e.New || e.Return != "/device/confirm?user_code=BCDF-GHJK" {
			w.Errorf("the one is %+v", e)
		}
		user, err := w.db.Identities().User(w.ctx, in[0].User)
		w.must(err)
		if !user.ServerAdmin || user.Email != "ada@example.com" {
			w.Errorf("the one is %+v", user)
		}
	})
}

func TestAnOwnersLink(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		p := w.pages()
		older, _, err := p.OwnerLink(w.ctx, "operator", "")
		w.must(err)
		newer, link, err := p.OwnerLink(w.ctx, "operator", "")
		w.must(err)
		if got := link.ExpiresAt.Sub(w.now()); got != 15*time.Minute {
			w.Errorf("it is good for %v", got)
		}
		if _, err := p.UseOwnerLink(w.ctx, w.visit(p), older, "Eve"); !fault.Is(err, fault.Unauthenticated) {
			w.Errorf("the older one: %v", err)
		}
		if _, err := p.UseOwnerLink(w.ctx, w.visit(p), newer, " \u202e\n "); !fault.Is(err, fault.Invalid) {
			w.Errorf("a name that nobody sees: %v", err)
		}
		before := w.userCount()
		var all sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for range 8 {
			v := w.visit(p)
			all.Go(func() {
				_, err := p.UseOwnerLink(w.ctx, v, newer, "Ada")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else if !fault.Is(err, fault.Unauthenticated) {
					w.Errorf("the refusal is %v", err)
				}
			})
		}
		all.Wait()
		if in != 1 || w.userCount() != before+1 {
			w.Errorf("%d are in, as %d users", in, w.userCount()-before)
		}
		last, _, err := p.OwnerLink(w.ctx, "operator", "")
		w.must(err)
		w.pass(15*time.Minute + time.Second)
		if _, err := p.UseOwnerLink(w.ctx, w.visit(p), last, "Ada"); !fault.Is(err, fault.Unauthenticated) {
			w.Errorf("one that is too old: %v", err)
		}
	})
}

// A log that cannot be written undoes no sign-in.
func TestSigningInWithoutALog(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		p := w.pages(func(o *signin.PageOptions) { o.Audit = broken{} })
		e, err := come(w.ctx, p, w.visit(p), "ada")
		if err != nil || !e.SignedIn() {
			w.Errorf("it ends as %+v, %v", e, err)
		}
	})
}

type broken struct{ identity.Audit }

func (broken) Record(context.Context, identity.Event) error { return errors.New("the disk is full") }

// A provider may say anything of a person: what does not fit is left out.
func TestWhatAProviderSays(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ said, kept signin.Person }{
		"all well": {
			signin.Person{Name: "Ada Lovelace", AvatarURL: "https://img.example.com/a.png?v=4", Locale: "en_GB"},
			signin.Person{Name: "Ada Lovelace", AvatarURL: "https://img.example.com/a.png?v=4", Locale: "en-GB"},
		},
		"nonsense": {
			signin.Person{Name: "Ada\x00\n\u202eLovelace", AvatarURL: "http://img.example.com/a.png", Locale: "en\x00"},
			signin.Person{Name: "Ada Lovelace"},
		},
		"nothing":       {signin.Person{}, signin.Person{Name: "ada"}},
		"a script":      {signin.Person{AvatarURL: "javascript:alert(1)", Locale: "<b>"}, signin.Person{Name: "ada"}},
		"another host":  {signin.Person{AvatarURL: "//img.example.com", Locale: "-"}, signin.Person{Name: "ada"}},
		"somebody else": {signin.Person{AvatarURL: "https://user:pass@img.example.com/"}, signin.Person{Name: "ada"}},
		"too much":      {signin.Person{AvatarURL: "https://img.example.com/" + strings.Repeat("x", 2000), Locale: strings.Repeat("x", 36)}, signin.Person{Name: "ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sqlitetest.File(t))
			p := w.pages(func(o *signin.PageOptions) { o.Providers = []signin.Provider{saying{tc.said}} })
			e, err := come(w.ctx, p, w.visit(p), "ada")
			w.must(err)
			user, err := w.db.Identities().User(w.ctx, e.User)
			w.must(err)
			if user.Name != tc.kept.Name || user.AvatarURL != tc.kept.AvatarURL || user.Locale != tc.kept.Locale {
				t.Errorf("kept is %q, %q, %q", user.Name, user.AvatarURL, user.Locale)
			}
		})
	}
}

// saying says the same of everybody.
type saying struct{ signin.Person }

func (saying) Name() string  { return "acme" }
func (saying) Title() string { return "Acme" }

func (saying) Begin(_ context.Context, redirect string, _ signin.Login, state string) (string, error) {
	return redirect + "?state=" + state, nil
}

func (s saying) Finish(context.Context, string, signin.Login, string) (signin.Person, error) {
	s.External = identity.External{Issuer: "https://acme.example", Subject: "1", Email: "Ada@Example.com", EmailVerified: true}
	return s.Person, nil
}

// A browser costs the store nothing until it begins something, and a provider
// that is away leaves nothing behind.
func TestLookingCostsNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		unasked := signin.NewPages(signin.PageOptions{Now: w.now}) // it has no store that it could ask
		if v, err := unasked.Visit(w.ctx, "not a cookie of ours", identity.Seen{}); err != nil || !v.Fresh || v.SignedIn() {
			w.Errorf("a first visit: %+v, %v", v, err)
		}
		p := w.pages(func(o *signin.PageOptions) { o.Providers = []signin.Provider{&acme{away: true}} })
		v := w.visit(p)
		if _, err := p.BeginLogin(w.ctx, v, "acme", "/account"); !fault.Is(err, fault.Unavailable) {
			w.Errorf("away: %v", err)
		}
		if _, err := w.db.SignIn().Browser(w.ctx, v.Hash, w.now()); !fault.Is(err, fault.NotFound) {
			w.Errorf("the browser is kept: %v", err)
		}
		if _, err := p.BeginLogin(w.ctx, v, "none", "/account"); !fault.Is(err, fault.NotFound) {
			w.Errorf("a provider that there is not: %v", err)
		}
	})
}

// A stolen database does not tell a mailed code, of which there are only a
// million: the hash is keyed by what the database does not hold.
func TestAStolenDatabaseTellsNoCode(t *testing.T) {
	t.Parallel()
	cookie, other := identity.BrowserCookie.New(), identity.BrowserCookie.New()
	hash := signin.EmailCodeHash(cookie, "ada@example.com", "123456")
	for name, guess := range map[string][]byte{
		"without the cookie":  identity.Hash("123456"),
		"in another browser":  signin.EmailCodeHash(other, "ada@example.com", "123456"),
		"by the stored hash":  signin.EmailCodeHash(string(identity.Hash(cookie)), "ada@example.com", "123456"),
		"for another mailbox": signin.EmailCodeHash(cookie, "eve@example.com", "123456"),
		"another code":        signin.EmailCodeHash(cookie, "ada@example.com", "123457"),
	} {
		if slices.Equal(hash, guess) {
			t.Errorf("%s the hash is the same", name)
		}
	}
	if !slices.Equal(hash, signin.EmailCodeHash(cookie, "ada@example.com", "123456")) {
		t.Error("the same code has two hashes")
	}
}

// Signing out ends the session of that browser alone.
func TestSigningOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		p := w.pages()
		one, err := come(w.ctx, p, w.visit(p), "ada")
		w.must(err)
		two, err := come(w.ctx, p, w.visit(p), "ada")
		w.must(err)
		w.must(p.SignOut(w.ctx, one.Visit))
		for cookie, in := range map[string]bool{one.Cookie: false, two.Cookie: true} {
			v, err := p.Visit(w.ctx, cookie, identity.Seen{})
			if err != nil || v.SignedIn() != in {
				w.Errorf("signed in is %v, want %v (%v)", v.SignedIn(), in, err)
			}
		}
	})
}
