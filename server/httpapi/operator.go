package httpapi

import (
	"cmp"
	"context"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
)

// Entrance is what the operator's routes ask of those who let people in.
type Entrance interface {
	// Invite stores an invitation in the place of any other of its mailbox, and
	// writes to it where letters can be sent: mailed says so.
	Invite(ctx context.Context, i signin.Invitation) (mailed bool, err error)
	Invitations(ctx context.Context) ([]signin.Invitation, error)
	Uninvite(ctx context.Context, mailbox string) error

	// SignInURL is where people sign in and up; empty: nowhere yet.
	SignInURL() string

	// OwnerLink makes the link that signs its bearer in once, as the server's
	// owner. Unavailable: nobody can sign in here yet.
	OwnerLink(ctx context.Context) (url string, expires time.Time, err error)
}

// byOperator is who did what is done over the admin socket.
const byOperator = "operator"

// aUser names a user by the path.
type aUser struct {
	ID string `path:"id" doc:"The user's id."`
}

type listUsersIn struct {
	Name string `query:"name" doc:"Only the user of that id, else of that e-mail address, else of that exact name."`
}

func (a *API) listUsers(ctx context.Context, _ caller, in *listUsersIn) (wire.UserList, error) {
	all, err := a.usersNamed(ctx, in.Name)
	list := wire.UserList{Users: make([]wire.User, len(all))}
	for i := range all {
		list.Users[i] = userOut(&all[i])
	}
	return list, err
}

// usersNamed are all users, or the one of an id, an address or a name.
func (a *API) usersNamed(ctx context.Context, name string) ([]identity.User, error) {
	if name == "" {
		return a.Users.Users(ctx)
	}
	u, err := a.userOf(ctx, name)
	if err != nil {
		u, err = a.Users.UserNamed(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	return []identity.User{u}, nil
}

func userOut(u *identity.User) wire.User {
	return wire.User{ID: string(u.ID), Name: u.Name, Email: u.Email, Account: string(u.Account),
		Local: u.Local, ServerAdmin: u.ServerAdmin, CreatedAt: u.CreatedAt.UTC()}
}

type newUserIn struct{ Body wire.NewUser }

// createUser makes a user who signs in with tokens, until an identity is linked.
// Commands name users by their names, so there are no two of one here.
func (a *API) createUser(ctx context.Context, _ caller, in *newUserIn) (wire.User, error) {
	if err := conversation.CheckID("id", in.Body.ID); err != nil {
		return wire.User{}, err
	}
	name, err := identity.CleanName(in.Body.Name)
	if err != nil {
		return wire.User{}, err
	}
	switch there, err := a.Users.UserNamed(ctx, name); {
	case err == nil && string(there.ID) == in.Body.ID:
		return userOut(&there), nil // repeated
	case err == nil, fault.Is(err, fault.Invalid):
		return wire.User{}, invalid("name", "There is a user of that name already.")
	case !fault.Is(err, fault.NotFound):
		return wire.User{}, err
	}
	u := identity.User{ID: identity.UserID(in.Body.ID), Account: identity.AccountID(conversation.NewID()), Name: name, CreatedAt: a.Now()}
	if err := a.Users.CreateUser(ctx, u); err != nil {
		return wire.User{}, err
	}
	a.record(ctx, identity.Event{What: identity.SignedUp, User: u.ID, By: byOperator, Detail: "Added by the operator."})
	return userOut(&u), nil
}

type changeUserIn struct {
	ID   string `path:"id" doc:"The user's id."`
	Body wire.UserChange
}

func (a *API) changeUser(ctx context.Context, _ caller, in *changeUserIn) (wire.User, error) {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return wire.User{}, err
	}
	if admin := in.Body.ServerAdmin; admin != nil && *admin != u.ServerAdmin {
		if err := a.Users.SetServerAdmin(ctx, u.ID, *admin); err != nil {
			return wire.User{}, err
		}
		detail := "Is no server admin any more."
		if *admin {
			detail = "Is a server admin."
		}
		a.record(ctx, identity.Event{What: identity.RoleChanged, User: u.ID, By: byOperator, Detail: detail})
		u.ServerAdmin = *admin
	}
	return userOut(&u), nil
}

func (a *API) userOf(ctx context.Context, id string) (identity.User, error) {
	if err := conversation.CheckID("id", id); err != nil {
		return identity.User{}, err
	}
	return a.Users.User(ctx, identity.UserID(id))
}

func (a *API) deleteUser(ctx context.Context, _ caller, in *aUser) error {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return err
	}
	if u.Local {
		return fault.New(fault.Forbidden, "That user is the owner of a local server's socket: delete its database file instead.")
	}
	return a.removeUser(ctx, u, byOperator)
}

func (a *API) listUserTokens(ctx context.Context, _ caller, in *aUser) (wire.TokenList, error) {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return wire.TokenList{}, err
	}
	return a.tokensOf(ctx, u.ID)
}

type newUserTokenIn struct {
	ID   string `path:"id" doc:"The user's id."`
	Body wire.NewToken
}

// createUserToken makes a token that lives for as long as the operator says.
func (a *API) createUserToken(ctx context.Context, _ caller, in *newUserTokenIn) (wire.Token, error) {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return wire.Token{}, err
	}
	t, err := a.tokenIn(&in.Body)
	if err != nil {
		return wire.Token{}, err
	}
	t.User = u.ID
	return a.addToken(ctx, t, identity.Event{By: byOperator})
}

type userTokenIn struct {
	ID    string `path:"id" doc:"The user's id."`
	Token string `path:"token" doc:"The token's id."`
}

func (a *API) revokeUserToken(ctx context.Context, _ caller, in *userTokenIn) error {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return err
	}
	return a.endToken(ctx, u.ID, in.Token, identity.Event{By: byOperator})
}

func (a *API) listInvitations(ctx context.Context, _ caller, _ *none) (wire.InvitationList, error) {
	all, err := a.Entrance.Invitations(ctx)
	list := wire.InvitationList{Invitations: make([]wire.Invitation, len(all))}
	for i := range all {
		list.Invitations[i] = a.invitationOut(&all[i])
	}
	return list, err
}

func (a *API) invitationOut(i *signin.Invitation) wire.Invitation {
	return wire.Invitation{Email: i.Mailbox, Admin: i.Admin, URL: a.Entrance.SignInURL(), CreatedAt: i.CreatedAt.UTC(),
		ExpiresAt: timeOrNull(i.ExpiresAt), UsedAt: timeOrNull(i.UsedAt)}
}

type newInvitationIn struct{ Body wire.NewInvitation }

// createInvitation lets an address sign up once, in the place of any invitation
// that it had.
func (a *API) createInvitation(ctx context.Context, _ caller, in *newInvitationIn) (wire.Invitation, error) {
	mailbox, err := mail.Address(in.Body.Email)
	if err != nil {
		return wire.Invitation{}, err
	}
	i := signin.Invitation{Mailbox: mailbox, Admin: in.Body.Admin, By: byOperator, CreatedAt: a.Now()}
	if in.Body.ExpiresAt != nil {
		if i.ExpiresAt = *in.Body.ExpiresAt; !i.ExpiresAt.After(a.Now()) {
			return wire.Invitation{}, invalid("expires_at", "expires_at is in the past.")
		}
	}
	mailed, err := a.Entrance.Invite(ctx, i)
	if err != nil {
		return wire.Invitation{}, err
	}
	a.record(ctx, identity.Event{What: identity.UserInvited, By: byOperator, Detail: "Invited " + mailbox + "."})
	out := a.invitationOut(&i)
	out.Mailed = mailed
	return out, nil
}

type deleteInvitationIn struct {
	Email string `query:"email" required:"true" doc:"The address that was invited."`
}

func (a *API) deleteInvitation(ctx context.Context, _ caller, in *deleteInvitationIn) error {
	mailbox, err := mail.Address(in.Email)
	if err != nil {
		return err
	}
	if err := a.Entrance.Uninvite(ctx, mailbox); err != nil {
		return err
	}
	a.record(ctx, identity.Event{What: identity.UserUninvited, By: byOperator, Detail: "Took back the invitation of " + mailbox + "."})
	return nil
}

func (a *API) ownerLink(ctx context.Context, _ caller, _ *none) (wire.OwnerLink, error) {
	url, expires, err := a.Entrance.OwnerLink(ctx)
	return wire.OwnerLink{URL: url, ExpiresAt: expires.UTC()}, err
}

type auditIn struct {
	User  string    `query:"user" doc:"Only what concerns the user of this id."`
	What  string    `query:"what" doc:"Only events of this kind, such as signed_in."`
	Since time.Time `query:"since" doc:"Only what happened at this time or later."`
	Limit int       `query:"limit" doc:"How many events at most; clamped to 1 to 1000. Default 100."`
}

func (a *API) listEvents(ctx context.Context, _ caller, in *auditIn) (wire.AuditPage, error) {
	if in.User != "" {
		if err := conversation.CheckID("user", in.User); err != nil {
			return wire.AuditPage{}, err
		}
	}
	if err := conversation.CheckText("what", in.What); err != nil {
		return wire.AuditPage{}, err
	}
	all, err := a.Audit.Events(ctx, identity.EventFilter{
		User: identity.UserID(in.User), What: identity.What(in.What), Since: in.Since,
		Limit: min(max(1, cmp.Or(in.Limit, 100)), 1000),
	})
	page := wire.AuditPage{Events: make([]wire.AuditEvent, len(all))}
	for i, e := range all {
		page.Events[i] = wire.AuditEvent{ID: e.ID, At: e.At.UTC(), What: string(e.What), User: string(e.User), By: e.By,
			Session: e.Session, Address: e.Address, Detail: e.Detail}
	}
	return page, err
}
