package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/usage"
)

// whose says whose usage a caller sees: that of the whole account, or of one member,
// who is named by id or name. whole reports the former.
func (a *API) whose(ctx context.Context, who caller, member string) (of usage.Whose, whole bool, err error) {
	all := who.Local || who.Role.AtLeast(identity.Admin)
	of.Account = who.Account
	if err := conversation.CheckText("member", member); err != nil {
		return of, false, err
	}
	switch {
	case member == "" && all:
		return of, true, nil
	case member == "" || member == string(who.User):
		of.Member = who.User
	case !all:
		return of, false, fault.New(fault.Forbidden, "Only an owner or admin of the account sees what its other members use.")
	default:
		of.Member, err = a.memberOf(ctx, who.Account, member)
	}
	return of, false, err
}

// memberOf is the member of the account whom a text names. Whoever has left it is
// still known by the id that the ledger has.
func (a *API) memberOf(ctx context.Context, account identity.AccountID, text string) (identity.UserID, error) {
	members, err := a.Usage.MembersOf(ctx, account)
	if err != nil {
		return "", err
	}
	if _, is := members[text]; is {
		return identity.UserID(text), nil
	}
	var called []string
	for id, name := range members {
		if strings.EqualFold(name, text) {
			called = append(called, id)
		}
	}
	switch len(called) {
	case 0:
	case 1:
		return identity.UserID(called[0]), nil
	default:
		slices.Sort(called)
		return "", invalid("member", "Several members of the account are called that: name one by the id, "+strings.Join(called, " or ")+".")
	}
	left := usage.Whose{Account: account, Member: identity.UserID(text)}
	rows, err := a.Usage.Sums(ctx, left, usage.ByKind, []time.Time{time.UnixMicro(0), a.Now()})
	if err != nil || len(rows) > 0 {
		return left.Member, err
	}
	return "", invalid("member", "There is no such member in the account. "+membersInWords(members))
}

// membersInWords names the members of an account, as many as somebody reads.
func membersInWords(of map[string]string) string {
	const most = 20
	names := make([]string, 0, len(of))
	for id, name := range of {
		names = append(names, cmp.Or(name, id))
	}
	slices.Sort(names)
	switch n := len(names); {
	case n == 1:
		return "Its only member is " + names[0] + "."
	case n > most:
		return fmt.Sprintf("Its members are %s and %d others.", strings.Join(names[:most], ", "), n-most)
	}
	last := max(len(names)-1, 0)
	return "Its members are " + strings.Join(names[:last], ", ") + " and " + strings.Join(names[last:], "") + "."
}
