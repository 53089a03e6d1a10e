package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/credential"
)

// logout ends a sign-in.
func (p *program) logout() *cobra.Command {
	var everywhere bool
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Sign out: end the session and forget it",
		Long: `Sign out of the server that is the default, or of --profile's: the session is
ended there and forgotten here. Without a connection it is forgotten all the
same.

A token in AICHAT_TOKEN or config.toml is not touched.`,
		Example: "  aichat logout\n  aichat logout --profile work\n  aichat logout --everywhere",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.runLogout(cmd.Context(), everywhere) },
	}
	cmd.Flags().BoolVar(&everywhere, "everywhere", false, "end all your sessions at that server, in programs and browsers")
	return cmd
}

func (p *program) runLogout(ctx context.Context, everywhere bool) error {
	at, err := p.signedInAt()
	if err != nil {
		return err
	}
	kept, err := p.lenders.credentials()
	if err != nil {
		return err
	}
	tokens, loading := kept.Keeper(at.profile, at.origin).Load(ctx)
	if loading == nil && tokens.Empty() {
		return p.print("You are not signed in to " + at.url + ".\n")
	}
	if everywhere {
		c, err := p.lenders.client(ctx)
		if err != nil {
			return err
		}
		if err := c.RevokeSessions(ctx, true); err != nil {
			return err // nothing is forgotten: it can be tried again
		}
	}
	var revoking error
	if !everywhere && loading == nil {
		revoking = p.revoke(ctx, at, tokens)
	}
	if err := kept.SignOut(context.WithoutCancel(ctx), at.profile); err != nil {
		return err
	}
	return p.saySignedOut(at, tokens, loading, revoking, everywhere)
}

// signedInAt is the server whose sign-in is meant.
func (p *program) signedInAt() (remote, error) {
	t, err := p.lenders.target()
	if err != nil {
		return remote{}, err
	}
	if t.Local {
		return remote{}, usage("See which servers are known: aichat config", "This machine's own server needs no sign-in: there is nothing to sign out of.")
	}
	origin, err := config.Origin(t.URL)
	if err != nil {
		return remote{}, configFailure(err)
	}
	kept, err := p.lenders.credentials()
	if err != nil {
		return remote{}, err
	}
	name, err := profileOf(kept, t, origin)
	return remote{profile: name, url: t.URL, origin: origin}, err
}

func (p *program) saySignedOut(at remote, t client.Tokens, loading, revoking error, everywhere bool) error {
	text := "Signed out of " + at.url + ".\n"
	if everywhere {
		text = "Signed out of " + at.url + " everywhere.\n"
	}
	switch {
	case loading != nil:
		text += "The session could not be read, and so not ended there. It ends by itself; or: aichat sessions, on another machine.\n"
	case revoking != nil:
		text += "The server could not be told, so the session ends there by itself, later; or: aichat sessions, on another machine.\n"
	case t.Refresh == "" && !everywhere:
		text += "The token itself goes on: aichat tokens revoke ends it.\n"
	}
	return p.print(inert(text + p.whereNow(at)))
}

// whereNow says where the commands go that follow a sign-out, where that is
// another place than before.
func (p *program) whereNow(at remote) string {
	c, _, err := p.lenders.config()
	if err != nil || c.URL != "" || c.Profile != "" || p.lenders.profile != "" {
		return "" // whoever named the server knows which
	}
	return "aichat uses this machine's own server now. To come back: aichat login " + at.url + "\n"
}

// keptIn says where a server's sign-in is kept; empty: nowhere.
func (p *program) keptIn(at remote) credential.Kind {
	kept, err := p.lenders.credentials()
	if err != nil {
		return credential.Nowhere
	}
	known, _, err := kept.Profiles()
	if err != nil || known[at.profile].Origin != at.origin {
		return credential.Nowhere
	}
	return known[at.profile].Kept
}
