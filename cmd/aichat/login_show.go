package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/browser"
	"github.com/aichat-term/aichat/client/credential"
	"github.com/aichat-term/aichat/client/wire"
)

// screen is where a person reads what login says: stdout, unless only stderr is
// a terminal. Lines may come from several goroutines.
type screen struct {
	mu  sync.Mutex
	out output
}

func (p *program) screen() *screen {
	if !p.out.terminal && p.err.terminal {
		return &screen{out: p.err}
	}
	return &screen{out: p.out}
}

// say writes a line. That it cannot be written does not stop a sign-in.
func (s *screen) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.out, inert(fmt.Sprintf(format, args...))+"\n")
}

// raw writes what is meant for the terminal itself.
func (s *screen) raw(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.out, text)
}

// codeEvent is the JSON of a sign-in that waits for its approval.
type codeEvent struct {
	Event           string `json:"event"` // "code"
	Profile         string `json:"profile"`
	Server          string `json:"server"`
	URL             string `json:"url"` // shows the code; the person compares it
	VerificationURI string `json:"verification_uri"`
	UserCode        string `json:"user_code"`
	ExpiresIn       int64  `json:"expires_in"`     // seconds
	Next            string `json:"next,omitempty"` // the command that waits
}

// signedInEvent is the JSON of a sign-in that is done.
type signedInEvent struct {
	Event   string   `json:"event"` // "signed_in"
	Profile string   `json:"profile"`
	Server  string   `json:"server"`
	Session string   `json:"session,omitempty"`
	Kept    string   `json:"kept"` // keyring or file
	Path    string   `json:"path,omitempty"`
	Me      *wire.Me `json:"me,omitempty"`
}

func codeOf(at remote, d *client.Device) codeEvent {
	return codeEvent{
		Event: "code", Profile: at.profile, Server: at.url, URL: d.Page(),
		VerificationURI: d.VerificationURI, UserCode: d.UserCode, ExpiresIn: int64(d.Left().Round(time.Second) / time.Second),
	}
}

// showAndWait shows page and code, and waits until the person has decided.
func (p *program) showAndWait(ctx context.Context, at remote, d *client.Device, o loginOptions) (client.Tokens, error) {
	if o.json {
		if err := p.printLine(codeOf(at, d)); err != nil {
			return client.Tokens{}, err
		}
		return d.Wait(ctx, nil)
	}
	s := p.screen()
	p.showCode(s, d, o)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.offerBrowser(ctx, s, at, d, o)
	lost := false
	return d.Wait(ctx, func(poll client.Poll) {
		switch {
		case poll.Lost != nil && !lost:
			s.say("The connection is lost; trying again until the code expires…")
		case poll.Lost == nil && lost:
			s.say("The connection is there again.")
		}
		lost = poll.Lost != nil
	})
}

// showCode shows what the person needs, each on a line of its own so that it can
// be copied.
func (p *program) showCode(s *screen, d *client.Device, o loginOptions) {
	if o.qr { // before the address, which it must not scroll away
		if picture, why := p.qrCode(s, d.Page()); why != "" {
			s.say("There is no QR code: %s.\n", why)
		} else {
			s.raw(picture + "\n")
		}
	}
	s.say("Open this page in a browser, %s:\n\n  %s\n", whereToOpen(d.Page()), d.Page())
	s.say("Allow it only if the page shows this code:\n\n  %s\n", d.UserCode)
	if o.clipboard {
		if !s.out.terminal {
			s.say("The code was not copied: this is no terminal.\n")
		} else {
			s.raw("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(d.UserCode)) + "\a")
			s.say("The code was handed to the terminal's clipboard.\n")
		}
	}
}

// whereToOpen says where a page can be opened: one at a machine's own address
// is at that machine only.
func whereToOpen(page string) string {
	if u, err := url.Parse(page); err == nil && ownMachine(u.Hostname()) {
		return "on this machine"
	}
	return "on any machine"
}

// offerBrowser offers to open the page, while it is already being waited for.
func (p *program) offerBrowser(ctx context.Context, s *screen, at remote, d *client.Device, o loginOptions) {
	waiting := fmt.Sprintf("Waiting for you to allow it; the code is good for %s. ctrl+c stops.", minutes(d.Left()))
	if o.noBrowser || p.in.kind != inputTerminal || !s.out.terminal || browser.Refused(browser.Env(p.env)) != "" {
		s.say("%s", waiting)
		return
	}
	s.say("Press Enter to open it here.\n%s", waiting)
	go func() {
		// The goroutine may outlive the wait: a terminal cannot be read with a
		// context. It goes with the process.
		if _, err := bufio.NewReader(p.in).ReadString('\n'); err != nil || ctx.Err() != nil {
			return
		}
		switch err := browser.Open(ctx, browser.Env(p.env), d.Page(), at.origin); {
		case ctx.Err() != nil:
		case err != nil:
			s.say("It could not be opened here (%v). Open it yourself; the sign-in goes on.", err)
		default:
			s.say("It was handed to your browser.")
		}
	}()
}

// minutes says how long something lasts.
func minutes(d time.Duration) string {
	if n := int((d + 30*time.Second) / time.Minute); n > 1 {
		return fmt.Sprintf("%d minutes", n)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}

// nameWithin is how long asking for one's own name may take: it is a courtesy.
const nameWithin = 5 * time.Second

// saySignedIn says who is signed in, and where that is kept.
func (p *program) saySignedIn(ctx context.Context, at remote, t client.Tokens, place credential.Place, o loginOptions) error {
	me := p.whoIs(ctx, at, t)
	if o.json {
		return p.printLine(signedInEvent{
			Event: "signed_in", Profile: at.profile, Server: at.url, Session: t.Session, Kept: string(place.Kind), Path: pathOf(place), Me: me,
		})
	}
	s := p.screen()
	who := ""
	if me != nil && me.Name != "" {
		who = " as " + oneLine(me.Name)
	}
	s.say("Signed in to %s%s.", at.url, who)
	s.say("%s", keptSentence(place))
	p.sayDefault(s, at)
	return nil
}

// whoIs asks who is signed in; nil: it could not be learned.
func (p *program) whoIs(ctx context.Context, at remote, t client.Tokens) *wire.Me {
	c, err := client.New(client.Options{BaseURL: at.url, Token: t.Access})
	if err != nil {
		return nil
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, nameWithin)
	defer cancel()
	me, err := c.Me(ctx)
	if err != nil {
		return nil
	}
	return &me
}

// sayDefault says whether the commands that follow go to this server.
func (p *program) sayDefault(s *screen, at remote) {
	c, _, err := p.lenders.config()
	switch {
	case err != nil:
	case !c.Token.Empty() && c.URL != "":
		s.say("AICHAT_URL and AICHAT_TOKEN are set, and count more: unset them to use this sign-in.")
	case c.URL != "":
		s.say("AICHAT_URL is set, and counts more than the profile %q.", at.profile)
	case c.Profile != "" && c.Profile != at.profile:
		s.say("It is the profile %q.\nThe default stays %q, as AICHAT_PROFILE or config.toml says.", at.profile, c.Profile)
	default:
		s.say("It is the profile %q, and the default now.\nThis machine's own server: --profile local.", at.profile)
	}
}

// keptSentence says where a sign-in is kept.
func keptSentence(place credential.Place) string {
	if place.Kind == credential.InKeyring {
		return "The sign-in is kept in this machine's keyring."
	}
	sentence := "The sign-in is kept in " + place.Path + ",\nwhich only you can read"
	if place.Why != nil {
		sentence += " (the keyring cannot be used: " + strings.TrimSuffix(oneLine(place.Why.Error()), ".") + ")"
	}
	return sentence + "."
}

func pathOf(place credential.Place) string {
	if place.Kind == credential.InFile {
		return place.Path
	}
	return ""
}
