package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// audited are the screens of the audit: both schemes, and both a narrow page and
// a wide one.
var audited = []screen{
	{"narrow-light", 320, 640, "light"},
	{"desk-dark", 1280, 800, "dark"},
}

// Every page there is, also with what can go wrong on it, has no violation that
// axe-core knows of, fits the screen, and can be hit with a thumb.
func TestThePagesAreAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v: run scripts/deps", err)
	}
	for _, sc := range audited {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withStandstill(t))
			w.waits(thinkpad)
			s := w.seat(sc)
			check := func(name string) {
				t.Helper()
				s.shoot("audit-" + name)
				s.audit(string(axe), name)
			}
			s.everyPage(check)

			bare := newWorld(t, func(_ string, o *signin.PageOptions) { o.Email = false }).seat(sc)
			bare.goes("/signin", "Sign in")
			bare.audit(string(axe), "nothing is configured")
		})
	}
}

// everyPage goes through all of them.
func (s *seat) everyPage(check func(name string)) {
	s.t.Helper()
	s.goes("/device", "Enter your code")
	check("device")
	s.tabTo("#user_code")
	s.types("XY"+kb.Enter, "Error: Enter your code")
	check("a code that is none")
	s.goes("/signin?return=/device/confirm?user_code=BCDF-GHJK", "Sign in")
	check("signin")
	s.tabTo("[action='/signin/standstill'] button")
	s.types(kb.Enter, "Going to Standstill")
	check("leaving")
	s.goes("/signin?return=/device/confirm?user_code=BCDF-GHJK", "Sign in")
	s.tabTo("#email")
	s.types("ada@localhost"+kb.Enter, "Error: Sign in")
	check("an address that is none")
	s.tabTo("#email")
	s.retypes("ada@example.com"+kb.Enter, "Check your mail")
	check("code")
	s.tabTo("#code")
	s.types("000000"+kb.Enter, "Error: Check your mail")
	check("a wrong code")
	s.tabTo("#code")
	s.retypes(s.letter("code", "ada@example.com").Data["code"]+kb.Enter, "Is this you?")
	check("confirm")
	s.goes("/device/allowed", "You are signed in")
	check("allowed")
	s.goes("/device/denied", "Turned down")
	check("denied")
	s.goes("/device/confirm?user_code=XXXX-XXXX", "Error: Enter your code")
	check("nothing waits")
	user := s.users()[0].ID
	for _, e := range []identity.External{
		{Issuer: "https://accounts.google.com", Subject: "1", User: user, Email: "ada.lovelace@example.com"},
		{Issuer: "https://login.example.org", Subject: strings.Repeat("0123456789", 12), User: user},
	} {
		if err := s.store.ids.Link(s.t.Context(), e); err != nil {
			s.t.Fatal(err)
		}
	}
	s.goes("/account", "Your account")
	check("account")
	s.goes("/nowhere-at-all", "Nothing here")
	check("nothing here")
	s.goes("/account", "Your account")
	s.tabTo("[action='/signout'] button")
	s.types(kb.Enter, "Signed out")
	check("signed out")
	s.goes("/owner?link=aichat_ol_"+strings.Repeat("a", 32), "Welcome, owner")
	check("owner")
	s.tabTo("#name")
	s.types(" "+kb.Enter, "Error: Welcome, owner")
	check("an owner without a name")
	s.tabTo("#name")
	s.types("Ada"+kb.Enter, "That did not work")
	check("a link that is none")
}

// standstill is a provider whose page never comes, so that one stays on the page
// that leads to it.
type standstill struct{ to string }

func withStandstill(t *testing.T) func(string, *signin.PageOptions) {
	return func(_ string, o *signin.PageOptions) {
		t.Helper()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		t.Cleanup(server.Close)
		o.Providers = append(o.Providers, standstill{server.URL})
	}
}

func (standstill) Name() string  { return "standstill" }
func (standstill) Title() string { return "Standstill" }

func (s standstill) Begin(_ context.Context, redirect string, _ signin.Login, state string) (string, error) {
	return s.to + "/?state=" + state + "&redirect_uri=" + redirect, nil
}

func (standstill) Finish(context.Context, string, signin.Login, string) (signin.Person, error) {
	panic("nobody comes back from there")
}

// violation is what axe found.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// runAxe asks for all that the guidelines have at levels A and AA, the larger
// targets of 2.2 and what is good practice.
const runAxe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
	.then(found => ({passes: found.passes.length, violations: found.violations}))`

// audit checks the page that is open.
func (s *seat) audit(axe, name string) {
	s.t.Helper()
	s.do("let the audit run", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false}))
	ask[struct{}](s, axe+"; ({})")
	found, err := chromedp.Run(s.ctx, chromedp.EvaluateAsDevTools[struct {
		Passes     int         `json:"passes"`
		Violations []violation `json:"violations"`
	}](runAxe, awaited))
	if err != nil {
		s.t.Fatal(err)
	}
	if found.Passes < 10 {
		s.t.Errorf("%s, %s: the audit passed %d rules only: it did not run", s.screen.name, name, found.Passes)
	}
	for _, v := range found.Violations {
		for _, n := range v.Nodes {
			s.t.Errorf("%s, %s: %s (%s)\n\t%s\n\t%s", s.screen.name, name, v.Help, v.ID, n.HTML, n.Summary)
		}
	}
	s.fits(name)
	s.reads(name)
	s.do("stop scripts again", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
}

func awaited(p *runtime.EvaluateParams) {
	yes := true
	p.AwaitPromise = &yes
}

// fits checks what axe does not: nothing stands out of the page, and what is hit
// with a thumb is 44 pixels high.
func (s *seat) fits(name string) {
	s.t.Helper()
	if wide := ask[int](s, "document.documentElement.scrollWidth"); int64(wide) > s.screen.width {
		s.t.Errorf("%s, %s: the page is %d pixels wide", s.screen.name, name, wide)
	}
	small := ask[[]string](s, `[...document.querySelectorAll("button, input:not([type=hidden]), a.button")]
		.filter(e => e.getBoundingClientRect().height < 44 || e.getBoundingClientRect().width < 44).map(e => e.outerHTML)`)
	for _, element := range small {
		s.t.Errorf("%s, %s: this is less than 44 pixels high or wide: %s", s.screen.name, name, element)
	}
	if scripts := ask[int](s, `document.querySelectorAll("script, iframe, [onclick], [onload]").length`); scripts != 0 {
		s.t.Errorf("%s, %s: there are %d scripts or frames", s.screen.name, name, scripts)
	}
}

// reads checks what a screen reader is told: one main heading that is in the
// title too, a name for each field and button, and a problem that is told with
// the field that it is about.
func (s *seat) reads(name string) {
	s.t.Helper()
	title := strings.TrimPrefix(ask[string](s, "document.title"), "Error: ")
	var headings []string
	for _, n := range s.heard() {
		switch n.role {
		case "heading":
			headings = append(headings, n.name)
		case "textbox", "button", "link":
			if n.name == "" {
				s.t.Errorf("%s, %s: a %s has no name", s.screen.name, name, n.role)
			}
		}
	}
	if len(headings) == 0 || !strings.HasPrefix(title, headings[0]+" ") {
		s.t.Errorf("%s, %s: the headings are %q, the title %q", s.screen.name, name, headings, title)
	}
	if unsaid := ask[[]string](s, `[...document.querySelectorAll("[aria-invalid]")].filter(e => !e.getAttribute("aria-describedby").split(" ")
		.some(id => document.getElementById(id)?.getAttribute("role") == "alert")).map(e => e.outerHTML)`); len(unsaid) > 0 {
		s.t.Errorf("%s, %s: what is wrong is not told with %q", s.screen.name, name, unsaid)
	}
}

// said is one thing that a screen reader says.
type said struct{ role, name, description string }

// heard is the page as a screen reader reads it, from its beginning.
func (s *seat) heard() (all []said) {
	s.t.Helper()
	tree, err := chromedp.Run(s.ctx, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	spoken := []string{"heading", "textbox", "button", "link", "alert", "term", "definition"}
	for _, n := range tree.Nodes {
		if role := text(n.Role); !n.Ignored && slices.Contains(spoken, role) {
			all = append(all, said{role, text(n.Name), text(n.Description)})
		}
	}
	return all
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}
