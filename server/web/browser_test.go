package web_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// screen is how large a browser is, and in which scheme.
type screen struct {
	name          string
	width, height int64
	scheme        string // "light" or "dark"
}

var screens = []screen{
	{"phone-light", 360, 740, "light"},
	{"phone-dark", 360, 740, "dark"},
	{"desk-light", 1280, 800, "light"},
	{"desk-dark", 1280, 800, "dark"},
}

// chromium is the one process of the package's tests; each of them has a profile
// of its own in it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		path, err = exec.LookPath("google-chrome")
	}
	if err != nil {
		return nil, errors.New("there is no Chromium: run scripts/deps")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, // tests may run as root, and open nobody's pages but ours
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		return nil, err
	}
	closeBrowser = func() {
		_ = chromedp.Cancel(ctx) // the process ends with the tests in any case
		stop()
	}
	return ctx, nil
})

var closeBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	os.Exit(code)
}

// seat is a person at a browser. Pages run no script in it; they hold none.
type seat struct {
	*world
	ctx    context.Context
	screen screen
}

func (w *world) seat(s screen) *seat {
	w.t.Helper()
	parent, err := chromium()
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	w.t.Cleanup(cancel)
	at := &seat{world: w, ctx: ctx, screen: s}
	at.do("open a browser")                                  // a time limit on the first call would end the browser
	at.ctx, cancel = context.WithTimeout(ctx, 5*time.Minute) // a busy machine is slow
	w.t.Cleanup(cancel)
	at.do("set it up",
		call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.width < 600,
		}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}},
		}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}),
	)
	return at
}

// call makes an action of one of the browser's commands whose answer is nothing.
func call[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

func (s *seat) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, steps...); err != nil {
		s.t.Fatalf("%s, %s: %v", s.screen.name, what, err)
	}
}

// ask evaluates an expression as the tools of a developer do, which works where
// pages may run no script.
func ask[T any](s *seat, expression string) T {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.EvaluateAsDevTools[T](expression))
	if err != nil {
		s.t.Fatalf("%s, %s: %v", s.screen.name, expression, err)
	}
	return v
}

// goes opens an address of ours, and waits for the page of that title.
func (s *seat) goes(where, title string) {
	s.t.Helper()
	s.until(title, chromedp.Navigate(s.url+where))
}

// types presses keys, and waits for the page of that title.
func (s *seat) types(keys, title string) {
	s.t.Helper()
	s.until(title, chromedp.KeyEvent(keys))
}

// until does a thing and waits for the page to which it leads.
func (s *seat) until(title string, step chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	loaded := chromedp.Events(s.ctx, page.LoadEventFired)
	s.do("go to "+title, step)
	got := ""
	for range loaded {
		if got = ask[string](s, "document.title"); strings.HasPrefix(got, title) {
			return
		}
	}
	s.t.Fatalf("%s: the page is %q, not %q", s.screen.name, got, title)
}

// tabTo presses Tab until the element has the focus that the selector finds, and
// fails if the keyboard does not get there.
func (s *seat) tabTo(selector string) {
	s.t.Helper()
	for range 25 {
		if ask[bool](s, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
		s.do("press Tab", chromedp.KeyEvent(kb.Tab))
	}
	s.t.Fatalf("%s: the keyboard does not reach %s", s.screen.name, selector)
}

// retypes replaces what is in the field that has the focus.
func (s *seat) retypes(keys, title string) {
	s.t.Helper()
	s.do("clear the field", chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Delete))
	s.types(keys, title)
}

// shoot keeps a picture of the whole page in AICHAT_SCREENSHOTS, if that is set.
// Those in docs are two of them.
func (s *seat) shoot(name string) {
	s.t.Helper()
	dir := os.Getenv("AICHAT_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+"-"+s.screen.name+".png"), png, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
