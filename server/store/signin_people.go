package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
)

// SignUp implements signin.PeopleStore. The invitation decides whether its user
// administers the server, also where the caller has read an earlier one.
func (s *SignIn) SignUp(ctx context.Context, up signin.SignUp) error {
	if err := errors.Join(checkUser(up.User), checkExternal(up.External), checkTexts(named{"the e-mail address", up.Invited})); err != nil {
		return fault.Of(err)
	}
	return s.db.tx(ctx, func(q querier) error {
		u := up.User
		if up.Invited != "" {
			admin, err := useInvitation(ctx, q, up)
			if err != nil {
				return err
			}
			u.ServerAdmin = admin
		}
		if err := s.signUp(ctx, q, u, up.External); err != nil {
			return err
		}
		if up.Welcome == nil {
			return nil
		}
		return enqueue(ctx, s.db, q, *up.Welcome)
	})
}

func (s *SignIn) signUp(ctx context.Context, q querier, u identity.User, e identity.External) error {
	err := createUser(ctx, q, u)
	if errors.Is(err, errNothing) || s.db.dialect.classify(err) == conflict {
		return fault.New(fault.IDConflict, "There is such a user or account already.")
	}
	if err != nil || e.Issuer == "" {
		return err
	}
	e.User = u.ID
	added, err := addExternal(ctx, q, e)
	if err == nil && !added {
		return errSomebodys
	}
	return err
}

// useInvitation uses an invitation up and reports whether it is an admin's.
func useInvitation(ctx context.Context, q querier, up signin.SignUp) (admin bool, err error) {
	ok, err := found(q.QueryRowContext(ctx, `UPDATE invitations SET used_at = $2, used_by = $3
		WHERE mailbox = $1 AND `+invited+` RETURNING admin`, up.Invited, micros(up.At), up.User.ID), &admin)
	if err == nil && !ok {
		return false, fault.New(fault.Forbidden, "The invitation has been used, withdrawn or is too old: ask for another one.")
	}
	return admin, err
}

const invitationColumns = `mailbox, admin, invited_by, created_at, expires_at, used_at`

// invited is the condition under which an invitation is good at $2.
const invited = `used_at = 0 AND (expires_at = 0 OR expires_at > $2)`

func scanInvitation(rows *sql.Rows) (i signin.Invitation, err error) {
	var created, expires, used int64
	err = rows.Scan(&i.Mailbox, &i.Admin, &i.By, &created, &expires, &used)
	i.CreatedAt, i.ExpiresAt, i.UsedAt = fromMicros(created), fromMicros(expires), fromMicros(used)
	return i, err
}

var errNoInvitation = fault.New(fault.NotFound, "There is no such invitation.")

// Invite implements signin.PeopleStore.
func (s *SignIn) Invite(ctx context.Context, i signin.Invitation, letter *mail.Letter) error {
	if err := checkTexts(named{"the e-mail address", i.Mailbox}, named{"who invites", i.By}); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		if _, err := q.ExecContext(ctx, `INSERT INTO invitations (`+invitationColumns+`) VALUES ($1, $2, $3, $4, $5, 0)
			ON CONFLICT (mailbox) DO UPDATE SET admin = excluded.admin, invited_by = excluded.invited_by,
				created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = 0, used_by = ''`,
			i.Mailbox, i.Admin, i.By, micros(i.CreatedAt), micros(i.ExpiresAt)); err != nil {
			return err
		}
		if letter == nil {
			return nil
		}
		return enqueue(ctx, s.db, q, *letter)
	})
}

// Invitation implements signin.PeopleStore.
func (s *SignIn) Invitation(ctx context.Context, mailbox string, now time.Time) (i signin.Invitation, err error) {
	if err := checkTexts(named{"the e-mail address", mailbox}); err != nil {
		return i, err
	}
	all, err := s.invitations(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE mailbox = $1 AND `+invited, mailbox, micros(now))
	if err == nil && len(all) == 0 {
		return i, errNoInvitation
	}
	if err == nil {
		i = all[0]
	}
	return i, err
}

// Invitations implements signin.PeopleStore.
func (s *SignIn) Invitations(ctx context.Context) ([]signin.Invitation, error) {
	return s.invitations(ctx, `SELECT `+invitationColumns+` FROM invitations ORDER BY created_at DESC, mailbox`)
}

func (s *SignIn) invitations(ctx context.Context, query string, args ...any) (all []signin.Invitation, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanInvitation, query, args...)
		return err
	})
	return all, err
}

// Uninvite implements signin.PeopleStore.
func (s *SignIn) Uninvite(ctx context.Context, mailbox string) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `DELETE FROM invitations WHERE mailbox = $1`, mailbox)
		if err == nil && n == 0 {
			return errNoInvitation
		}
		return err
	})
}
