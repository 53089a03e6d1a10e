package web

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// codeField is the parameter of RFC 8628's verification_uri_complete, and the
// form field.
const codeField = "user_code"

// enterCode asks for the code. One that comes in the address fills the field and
// is never sent by itself: the person compares it first.
func enterCode(x *exchange) error {
	typed := x.query(codeField)
	if code, ok := signin.ParseUserCode(typed); ok {
		typed = code.Shown()
	} else {
		typed = "" // nobody's words but ours in the field
	}
	return x.askCode(http.StatusOK, typed, "")
}

func (x *exchange) askCode(status int, typed, problem string) error {
	s := sheet{Title: "Enter your code", Problem: problem, Data: typed}
	if problem != "" {
		s.Field = codeField
	}
	return x.render(status, "device", s)
}

// lookUp finds the request under a code and leads on to it.
func lookUp(x *exchange) error {
	typed := x.form(codeField)
	code, ok := signin.ParseUserCode(typed)
	if !ok {
		return x.askCode(http.StatusUnprocessableEntity, typed, "A code is eight letters, such as BCDF-GHJK. Copy it from your terminal.")
	}
	if _, err := x.pending(code); fault.Is(err, fault.NotFound) {
		return x.askCode(http.StatusUnprocessableEntity, code.Shown(), fault.Of(err).Public())
	} else if err != nil {
		return err
	}
	return x.goTo("/device/confirm", url.Values{codeField: {code.Shown()}})
}

// pending finds a request, and counts as a guess.
func (x *exchange) pending(code signin.UserCode) (signin.Device, error) {
	if err := x.guess(); err != nil {
		return signin.Device{}, err
	}
	return x.o.Grants.Pending(x.r.Context(), code)
}

// guess counts one look at what is under a code.
func (x *exchange) guess() error {
	if err := take(x.limits.guessesWithin, string(x.visit.Hash)); err != nil {
		return err
	}
	if err := take(x.limits.guesses, x.network()); err != nil {
		return err
	}
	return take(x.limits.guessesAround, visitor.Site(x.visit.Seen.Address))
}

// asking is what the person sees of the program that asks.
type asking struct {
	Code      string
	Program   string // in its own words, as is Machine
	Machine   string
	Address   string
	Elsewhere bool // it asked from another network than this browser's

	// Everything says that it asks for the account as well: for all that the
	// person may do.
	Everything bool

	At      time.Time
	Ago     string
	Account signin.Account
}

func (x *exchange) asking(code signin.UserCode, d signin.Device, who signin.Account) asking {
	return asking{
		Code: code.Shown(), Account: who,
		Program: cmp.Or(d.Version, d.Client), Machine: cmp.Or(d.Name, "It gave no name"), Address: d.Address,
		Elsewhere: visitor.Network(d.Address) != x.network(), Everything: d.Scopes.Has(identity.ScopeAccount),
		At: d.CreatedAt, Ago: ago(x.o.Now().Sub(d.CreatedAt)),
	}
}

// confirm shows who asks, to one who is signed in.
func confirm(x *exchange) error {
	code, ok := signin.ParseUserCode(x.query(codeField))
	if !ok {
		return x.goTo("/device", nil)
	}
	here := url.Values{codeField: {code.Shown()}}
	if !x.visit.SignedIn() {
		return x.goTo("/signin", url.Values{returnField: {"/device/confirm?" + here.Encode()}})
	}
	d, err := x.pending(code)
	if fault.Is(err, fault.NotFound) {
		return x.askCode(http.StatusNotFound, "", fault.Of(err).Public())
	}
	if err != nil {
		return err
	}
	who, err := x.o.Pages.Account(x.r.Context(), x.visit)
	if err != nil {
		return err
	}
	return x.render(http.StatusOK, "confirm", sheet{Title: "Is this you?", Data: x.asking(code, d, who)})
}

// decide lets the program in, or turns it down.
func decide(x *exchange) error {
	code, ok := signin.ParseUserCode(x.form(codeField))
	if !ok || !x.visit.SignedIn() {
		return x.goTo("/device", nil)
	}
	approve := x.form("decision") == "allow"
	if !approve && x.form("decision") != "deny" {
		return fault.New(fault.Invalid, "Choose Allow or Deny.")
	}
	if err := x.guess(); err != nil {
		return err
	}
	d, err := x.o.Grants.Decide(x.r.Context(), code, x.visit.User, approve, x.visit.Seen)
	if err != nil {
		return err
	}
	if !approve {
		return x.goTo("/device/denied", nil)
	}
	if err := x.o.Pages.LetIn(x.r.Context(), x.visit.User, d); err != nil {
		x.o.Logger.LogAttrs(x.r.Context(), slog.LevelError, "letter about a new session not queued", slog.Any("error", err))
	}
	return x.goTo("/device/allowed", nil)
}
