package httpapi

import (
	"context"
	"log/slog"
	"net/url"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

func (a *API) me(ctx context.Context, who caller, _ *none) (wire.Me, error) {
	u, err := a.user(ctx, who)
	if err != nil {
		return wire.Me{}, err
	}
	return a.meOut(ctx, who, u)
}

func (a *API) user(ctx context.Context, who caller) (identity.User, error) {
	if who.Local {
		return a.Users.LocalOwner(ctx)
	}
	return a.Users.User(ctx, who.User)
}

// meOut is what a user is told of itself. Whom one is elsewhere is told to those
// who may change it.
func (a *API) meOut(ctx context.Context, who caller, u identity.User) (wire.Me, error) {
	out := wire.Me{
		User: string(u.ID), Name: u.Name, Account: string(who.Account), Role: string(who.Role), Local: who.Local,
		Email: u.Email, AvatarURL: u.AvatarURL, Locale: u.Locale, TimeZone: u.TimeZone, DefaultModel: u.DefaultModel,
		ServerAdmin: u.ServerAdmin,
		Session:     who.Session, Scope: who.Scopes.String(),
	}
	if who.Local || !who.May(identity.ScopeAccount) {
		return out, nil
	}
	var err error
	out.Identities, err = a.identitiesOf(ctx, who)
	return out, err
}

type changeMeIn struct{ Body wire.ProfileChange }

func (a *API) changeMe(ctx context.Context, who caller, in *changeMeIn) (wire.Me, error) {
	c, err := identity.ProfileChange{
		Name: in.Body.Name, AvatarURL: in.Body.AvatarURL, Locale: in.Body.Locale,
		TimeZone: in.Body.TimeZone, DefaultModel: in.Body.DefaultModel,
	}.Clean()
	if err != nil {
		return wire.Me{}, err
	}
	if c.DefaultModel, err = a.knownModel(ctx, who, c.DefaultModel); err != nil {
		return wire.Me{}, err
	}
	u, err := a.Users.ChangeProfile(ctx, who.User, c)
	if err != nil {
		return wire.Me{}, err
	}
	if who.Local {
		a.owner.forget()
	}
	return a.meOut(ctx, who, u)
}

// knownModel is the full name of a model that there is. One that has no key here
// today is one all the same.
func (a *API) knownModel(ctx context.Context, who caller, model *string) (*string, error) {
	if model == nil || *model == "" {
		return model, nil
	}
	route, err := a.Models.Route(ctx, who.chooses(), *model)
	switch {
	case err == nil:
		id := route.Model.ID()
		return &id, nil
	case fault.Is(err, fault.NoKey):
		return model, nil
	}
	return nil, err
}

type deleteMeIn struct {
	Confirm string `header:"Aichat-Confirm" doc:"The user's own name, percent-encoded: it is deleted for ever."`
}

// deleteMe removes the user and all that is theirs. It takes a person who is
// signed in and types the name.
func (a *API) deleteMe(ctx context.Context, who caller, in *deleteMeIn) error {
	if who.Local {
		return fault.New(fault.Forbidden, "A local server's owner is whoever owns the machine: delete its database file instead.")
	}
	u, err := a.user(ctx, who)
	if err != nil {
		return err
	}
	if name, err := url.PathUnescape(in.Confirm); err != nil || name != u.Name {
		return &fault.Error{Kind: fault.Invalid, Subject: wire.HeaderConfirm,
			Message: "Nothing was deleted: confirm it with your name, exactly as it is, in the header " + wire.HeaderConfirm + "."}
	}
	return a.removeUser(ctx, u, string(u.ID))
}

// removeUser deletes a user, ends what is open and records it.
func (a *API) removeUser(ctx context.Context, u identity.User, by string) error {
	if err := a.Users.DeleteUser(ctx, u.ID); err != nil {
		return err
	}
	a.holders.end(string(u.ID))
	a.record(ctx, identity.Event{What: identity.UserRemoved, User: u.ID, By: by})
	a.farewell(ctx, u)
	return nil
}

// farewell writes to somebody who is gone, so that one who did not ask for it
// learns of it. That it cannot be written is logged, and undoes nothing.
func (a *API) farewell(ctx context.Context, u identity.User) {
	if a.Letters == nil || u.Email == "" {
		return
	}
	letter := mail.AccountDeleted{To: u.Email, Locale: u.Locale, Server: a.URL, Name: u.Name, At: a.Now()}.Letter()
	if err := a.Letters.Queue(context.WithoutCancel(ctx), letter); err != nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "letter not queued", slog.String("letter", letter.Name), slog.Any("error", err))
	}
}

func (a *API) listIdentities(ctx context.Context, who caller, _ *none) (wire.IdentityList, error) {
	all, err := a.identitiesOf(ctx, who)
	return wire.IdentityList{Identities: all}, err
}

func (a *API) identitiesOf(ctx context.Context, who caller) ([]wire.Identity, error) {
	all, err := a.Externals.ExternalsOf(ctx, who.User)
	out := make([]wire.Identity, len(all))
	for i, e := range all {
		out[i] = wire.Identity{Issuer: e.Issuer, Subject: e.Subject, Email: e.Email, CreatedAt: e.CreatedAt.UTC(), UsedAt: e.UsedAt.UTC()}
	}
	return out, err
}

type deleteIdentityIn struct {
	Issuer  string `query:"issuer" required:"true" doc:"As the list of identities has it."`
	Subject string `query:"subject" required:"true" doc:"As the list of identities has it."`
}

// deleteIdentity takes away one of the ways in which a user signs in; the last
// stays.
func (a *API) deleteIdentity(ctx context.Context, who caller, in *deleteIdentityIn) error {
	if err := a.Externals.Unlink(ctx, who.User, in.Issuer, in.Subject); err != nil {
		return err
	}
	a.record(ctx, identity.Event{What: identity.IdentityRemoved, User: who.User, By: string(who.User), Session: who.Session,
		Address: who.address, Detail: "Signing in with " + oneLine(in.Issuer, longestDetail) + " was taken away."})
	return nil
}
