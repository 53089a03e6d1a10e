//go:build unix

package main

import (
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aichat-term/aichat/client/authtest"
	aichatserver "github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/servertest"
)

// authority is a script's remote server: the strict fake, or the real one.
type authority struct {
	fake  *authtest.Server
	down  atomic.Bool  // the fake breaks every connection
	early atomic.Int32 // how many polls the fake finds too soon yet

	real *servertest.Server
	user identity.User
}

// authorityCmd starts a server that people sign in to, and does what they and its
// operator do there:
//
//	authority fake|real       start it; its address is $SERVER_URL
//	authority real FILE PLAN  likewise, with a file of plans and the plan of everybody,
//	                          of which ops@example.com is to be asked
//	authority approve FILE    approve the code that FILE shows
//	authority deny FILE       turn it down
//	authority end             end all sessions (fake)
//	authority expire          end all access tokens, not their sessions (fake)
//	authority hurry           let every code expire at once (fake)
//	authority down|up         break every connection, or no longer (fake)
//	authority early N         find that many polls too early (fake)
//	authority live N          check that so many sessions live (fake)
//	authority refreshed N     check that tokens were exchanged so often (fake)
//	authority token           make a personal access token: $SERVER_TOKEN
func authorityCmd(tb testing.TB) func(*testscript.TestScript, bool, []string) {
	tb.Helper()
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) == 0 {
			ts.Fatalf("usage: authority COMMAND [ARGUMENT]")
		}
		a := ts.Value("authority").(*authority)
		switch args[0] {
		case "fake":
			a.startFake(ts)
		case "real":
			var o servertest.Options
			if len(args) == 3 { // a file of plans, and the one that everybody has
				o.Plans, o.DefaultPlan = ts.MkAbs(args[1]), args[2]
				o.Tune = func(c *aichatserver.Config) { c.PlansContact = "ops@example.com" }
			}
			a.real = servertest.Start(tb, o)
			a.user = a.real.NewUser(tb, "Ada")
			ts.Setenv("SERVER_URL", a.real.URL)
			ts.Setenv("AICHAT_SERVER_ADMIN_SOCKET", a.real.AdminSocket)
		case "approve", "deny":
			a.decide(tb, ts, args[1], args[0] == "approve")
		case "token":
			if a.real != nil {
				text, _ := a.real.TokenOf(tb, a.user.ID, identity.AllScopes)
				ts.Setenv("SERVER_TOKEN", text)
			} else {
				ts.Setenv("SERVER_TOKEN", a.fake.AddToken("ci"))
			}
		default:
			a.tell(ts, args)
		}
	}
}

func (a *authority) startFake(ts *testscript.TestScript) {
	a.fake = authtest.New("")
	a.fake.Interval = time.Second
	a.fake.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case a.down.Load():
			panic(http.ErrAbortHandler)
		case r.URL.Path == "/oauth/token" && a.early.Add(-1) >= 0:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"slow_down","interval":2}`))
			return true
		}
		return false
	}
	a.fake.Listen()
	ts.Defer(a.fake.Close)
	ts.Setenv("SERVER_URL", a.fake.URL)
}

var shownCode = regexp.MustCompile(`[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}`)

// decide does what the person does on the page.
func (a *authority) decide(tb testing.TB, ts *testscript.TestScript, file string, approve bool) {
	tb.Helper()
	code := string(shownCode.Find([]byte(ts.ReadFile(file))))
	switch {
	case a.real != nil && approve:
		a.real.Approve(tb, code, a.user.ID)
	case a.real != nil:
		a.real.Deny(tb, code, a.user.ID)
	case code == "" || !a.fake.Decide(code, approve):
		ts.Fatalf("%s shows no code that waits: %q", file, code)
	}
}

// tell does what only the fake can do.
func (a *authority) tell(ts *testscript.TestScript, args []string) {
	number := 0
	if len(args) > 1 {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		number = n
	}
	switch args[0] {
	case "end":
		a.fake.End()
	case "expire":
		a.fake.Expire()
	case "hurry":
		a.fake.Overtake()
	case "down", "up":
		a.down.Store(args[0] == "down")
	case "early":
		a.early.Store(int32(number))
	case "live":
		if n := a.fake.Live(); n != number {
			ts.Fatalf("%d sessions live", n)
		}
	case "refreshed":
		if c := a.fake.Counts(); c.Refreshes != number || len(c.Misuse) > 0 {
			ts.Fatalf("%+v", c)
		}
	default:
		ts.Fatalf("authority does not know %q", args[0])
	}
}
