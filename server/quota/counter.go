package quota

import (
	"cmp"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Scope is what of an account a limit is for.
type Scope string

// The scopes: the whole account, each of its members, each model, each provider
// key (by the key's id).
const (
	ForAccount Scope = "account"
	ForMember  Scope = "member"
	ForModel   Scope = "model"
	ForKey     Scope = "key"
)

// scopes lists the scopes.
func scopes() []Scope { return []Scope{ForAccount, ForMember, ForModel, ForKey} }

// Subjects are whom a call counts for within its account.
type Subjects struct {
	Member identity.UserID
	Model  string // provider/name
	Key    string // the key's id; empty: none was needed
}

// in is the call's subject of a scope; empty for the account itself.
func (s Subjects) in(scope Scope) string {
	switch scope {
	case ForAccount:
	case ForMember:
		return string(s.Member)
	case ForModel:
		return s.Model
	case ForKey:
		return s.Key
	}
	return ""
}

// Counter names what is counted together within an account: all units of one
// scope's subject in one period.
type Counter struct {
	Scope   Scope
	Subject string // empty for ForAccount
	Period  Period
	Starts  time.Time
}

// Counters are all that a call counts in, which began in the periods that start
// at day and month: in the one order in which counters are ever locked.
func (s Subjects) Counters(day, month time.Time) []Counter {
	all := make([]Counter, 0, len(scopes())*len(Periods()))
	for _, scope := range scopes() {
		subject := s.in(scope)
		if scope != ForAccount && subject == "" {
			continue
		}
		all = append(all, Counter{scope, subject, Day, day}, Counter{scope, subject, Month, month})
	}
	slices.SortFunc(all, Counter.Compare)
	return all
}

// Compare orders counters.
func (c Counter) Compare(other Counter) int {
	return cmp.Or(cmp.Compare(c.Scope, other.Scope), cmp.Compare(c.Subject, other.Subject),
		cmp.Compare(c.Period, other.Period), c.Starts.Compare(other.Starts))
}

// Balance is a counter as it stands.
type Balance struct {
	Counter
	Used Amount // settled: the sum of the ledger's rows
	Held Amount // reserved by calls that run
}

// taken is what nobody else can have.
func (b Balance) taken() Amount { return b.Used.Plus(b.Held) }
