package main

import (
	"context"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/credential"
	"github.com/aichat-term/aichat/client/wire"
)

type loginOptions struct {
	noBrowser, qr, clipboard bool
	withToken                bool
	json                     bool
	start, finish            bool
}

// login signs this machine in to a server.
func (p *program) login() *cobra.Command {
	var o loginOptions
	cmd := &cobra.Command{
		Use:   "login [URL]",
		Short: "Sign in to a server",
		Long: `Sign in to a server, and make it the default. A page and a code are shown: open
the page in any browser, on any machine, see that it shows the same code, and
approve.

The address needs no https://. Only this machine's own addresses may be http:
the way to all others must be encrypted. Without an address it is the profile's.

The sign-in is kept in the system's keyring where that works, and else in a file
that only you can read. That is tried first, before you are sent anywhere.`,
		Example: `  aichat login chat.example.com
  aichat login --profile work https://chat.example.com
  aichat login --qr                       a QR code for the telephone
  aichat login --with-token < token.txt   a token of "aichat tokens create"

  For scripts: one JSON object a line, first with "event":"code", then
  "signed_in"; or in two steps, of which only the second waits:
  aichat login --json chat.example.com
  aichat login --start --json chat.example.com && aichat login --finish --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("See: aichat login --help", "%s takes one address.", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runLogin(cmd.Context(), strings.Join(args, ""), o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.noBrowser, "no-browser", false, "do not offer to open the page here")
	f.BoolVar(&o.qr, "qr", false, "show the page's address as a QR code too")
	f.BoolVar(&o.clipboard, "clipboard", false, "hand the code to the terminal's clipboard (OSC 52)")
	f.BoolVar(&o.withToken, "with-token", false, "sign in with a personal access token, read from stdin")
	f.BoolVar(&o.json, "json", false, "print JSON objects, one a line")
	f.BoolVar(&o.start, "start", false, "show page and code, and do not wait")
	f.BoolVar(&o.finish, "finish", false, "wait for the approval of what --start began")
	return cmd
}

func (p *program) runLogin(ctx context.Context, address string, o loginOptions) error {
	err := p.signIn(ctx, address, o)
	if err == nil || !o.json {
		return err
	}
	return p.failAsJSON(ctx, err)
}

// failAsJSON tells a failure on stdout, as commands with --json do.
func (p *program) failAsJSON(ctx context.Context, err error) error {
	f := p.failureOf(ctx, err)
	if printing := p.printLine(struct {
		Error *errorJSON `json:"error"`
	}{errorOf(f)}); printing != nil {
		return printing
	}
	return said{f}
}

// printLine writes one value to stdout, on one line.
func (p *program) printLine(v any) error {
	text, err := marshal(v)
	if err != nil {
		return failed(err, "the output cannot be written as JSON")
	}
	return p.print(text)
}

func (p *program) signIn(ctx context.Context, address string, o loginOptions) error {
	ways := 0
	for _, way := range []bool{o.withToken, o.start, o.finish} {
		if way {
			ways++
		}
	}
	switch {
	case ways > 1:
		return usage("See: aichat login --help", "Use one of --with-token, --start and --finish.")
	case o.finish && address != "":
		return usage("Type: aichat login --finish", "--finish goes on with what --start began, and takes no address.")
	case o.finish:
		return p.finishLogin(ctx, o)
	}
	at, err := p.signInAt(address)
	if err != nil {
		return err
	}
	if o.withToken {
		return p.loginWithToken(ctx, at, o)
	}
	authority, err := client.Discover(ctx, client.AuthorityOptions{BaseURL: at.url})
	if err != nil {
		return err
	}
	defer authority.Close()
	place, err := p.proveStorage(ctx, o)
	if err != nil {
		return err
	}
	device, err := authority.BeginDevice(ctx, client.DeviceRequest{Name: deviceName(), Scope: wire.ScopeChat + " " + wire.ScopeAccount})
	if err != nil {
		return err
	}
	if o.start {
		return p.startLogin(at, device, authority.Endpoints(), o)
	}
	tokens, err := p.showAndWait(ctx, at, device, o)
	if err != nil {
		return err
	}
	return p.keep(ctx, at, tokens, place, o)
}

// proveStorage finds out where the sign-in will be kept, before anybody is sent to
// a browser.
func (p *program) proveStorage(ctx context.Context, o loginOptions) (credential.Place, error) {
	kept, err := p.lenders.credentials()
	if err != nil {
		return credential.Place{}, err
	}
	place, err := kept.Prove(ctx)
	if err != nil {
		if f := failureOfSignIn(err); f != nil {
			return place, f
		}
		if ctx.Err() != nil {
			return place, err
		}
		return place, &failure{status: exitFailed, code: codeFailed, cause: err,
			message: "A sign-in could not be kept here: " + inert(err.Error()) + ".", hint: "See where the files live: aichat config path"}
	}
	if place.Aside != "" && !o.json {
		p.screen().say("%s could not be understood, and is now %s.", kept.Path(), place.Aside)
	}
	return place, nil
}

// keep keeps a sign-in, whatever else fails, and says who is signed in where.
func (p *program) keep(ctx context.Context, at remote, tokens client.Tokens, place credential.Place, o loginOptions) error {
	kept, err := p.lenders.credentials()
	if err != nil {
		return err
	}
	keeper := kept.Keeper(at.profile, at.origin)
	ctx = context.WithoutCancel(ctx) // the person has approved: this is done in any case
	before, _ := keeper.Load(ctx)    // which may be unreadable, and is replaced
	place, err = kept.SignIn(ctx, credential.Profile{Name: at.profile, URL: at.url, Origin: at.origin}, tokens, place)
	if err != nil {
		_ = p.revoke(ctx, at, tokens) // it ends by itself, later
		return &failure{status: exitFailed, code: codeFailed, cause: err,
			message: "You were signed in, but that could not be kept: " + inert(err.Error()) + ".",
			hint:    "The session was ended again. Try: AICHAT_CREDENTIALS=file aichat login"}
	}
	_ = p.revoke(ctx, at, before) // it ends by itself, later
	return p.saySignedIn(ctx, at, tokens, place, o)
}

// revokeWithin is how long ending a session that is no longer needed may take.
const revokeWithin = 5 * time.Second

// revoke ends a session, and returns why it could not be.
func (p *program) revoke(ctx context.Context, at remote, t client.Tokens) error {
	if t.Refresh == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, revokeWithin)
	defer cancel()
	a, err := client.NewAuthority(client.AuthorityOptions{BaseURL: at.url}, t.Endpoints)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Revoke(ctx, t)
}

// deviceName is what the page calls this machine.
func deviceName() string {
	name, err := os.Hostname()
	name = strings.TrimSuffix(oneLine(name), ".local")
	if err != nil || name == "" {
		return "a " + runtime.GOOS + " machine"
	}
	if r := []rune(name); len(r) > 60 {
		return string(r[:60])
	}
	return name
}
