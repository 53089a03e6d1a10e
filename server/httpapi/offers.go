package httpapi

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
)

// offers lists the plans that an account may have.
func (a *API) offers(ctx context.Context, who caller, _ *none) (wire.Offers, error) {
	if a.Limits == nil {
		return wire.Offers{Plans: []wire.Offer{}}, nil
	}
	all, err := a.Limits.Offers(ctx, who.Principal)
	if err != nil || !all.Metered {
		return wire.Offers{Plans: []wire.Offer{}}, err
	}
	out := wire.Offers{Metered: true, Role: string(who.Role), Contact: a.Contact, Plans: make([]wire.Offer, len(all.Plans))}
	for i := range all.Plans {
		o := &all.Plans[i]
		out.Plans[i] = wire.Offer{PlanTerms: termsOut(&o.Plan), Current: o.Current, Standing: limitsOut(o.Standing)}
	}
	if !who.Role.AtLeast(identity.Owner) { // another decides on the account's plan
		return out, nil
	}
	u, err := a.user(ctx, who)
	if err != nil {
		return wire.Offers{}, err
	}
	for i := range out.Plans {
		if o := &out.Plans[i]; !o.Current {
			o.Command = setCommand(&u, o.Name)
		}
	}
	return out, nil
}

// setCommand is what the operator types to give a user's account a plan. The user
// stands there by an address, of which there is one of a kind, else by the name.
func setCommand(u *identity.User, plan string) string {
	name := u.Email
	if name == "" {
		name = u.Name
	}
	words := "aichat-server plans set "
	if strings.HasPrefix(name, "-") { // would be a flag
		words += "-- "
	}
	return words + quoted(name) + " " + plan
}

// quoted is a word as a POSIX shell takes it, whoever chose it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@.-_+", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
