package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
	"github.com/aichat-term/aichat/server/web"
)

// world is a door on a listener of its own, with what stands behind it.
type world struct {
	t     *testing.T
	store *records
	pages *signin.Pages
	url   string
	door  http.Handler
	clock *clock
	log   *logtest.Log
}

// newWorld opens a door; what says how it differs from one that lets everybody
// in by e-mail.
func newWorld(t *testing.T, what ...func(url string, o *signin.PageOptions)) *world {
	t.Helper()
	return newWorldOn(t, sqlitetest.File, what...)
}

func newWorldOn(t *testing.T, where database, what ...func(url string, o *signin.PageOptions)) *world {
	t.Helper()
	r := open(t, where)
	w := &world{t: t, store: r, clock: &clock{at: time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)}, log: &logtest.Log{}}
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	logger := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	who := people{r.ids, r}
	o := signin.PageOptions{
		Store: r, People: r, Users: who, Externals: who, Audit: r.ids, Letters: r,
		Email: true, Policy: signin.Policy{SignUp: signin.Open}, URL: w.url, Now: w.clock.now, Logger: logger,
	}
	for _, change := range what {
		change(w.url, &o)
	}
	w.pages = signin.NewPages(o)
	grants := signin.NewGrants(signin.GrantOptions{
		Store: r, Sessions: r.ids, Tokens: r.ids, Audit: r.ids, Clients: []string{"aichat-cli"}, Now: w.clock.now, Logger: logger,
	})
	t.Cleanup(grants.Close)
	w.door = web.New(web.Options{Pages: w.pages, Grants: grants, URL: o.URL, Now: w.clock.now, Logger: logger})
	server.Config.Handler = w.door
	server.Start()
	t.Cleanup(server.Close)
	return w
}

// clock is one that the test turns.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// deviceCode is what the program that waits polls with; its user code is
// BCDF-GHJK.
var deviceCode = identity.Hash("the device code")

// waits adds a program that waits to be let in.
func (w *world) waits(d signin.Device) {
	w.t.Helper()
	now := w.clock.now()
	d.CodeHash, d.UserCodeHash, d.Scopes = deviceCode, signin.UserCode("BCDFGHJK").Hash(), identity.AllScopes
	d.State, d.Interval, d.CreatedAt, d.ExpiresAt = signin.Pending, time.Second, now.Add(-time.Minute), now.Add(9*time.Minute)
	if err := w.store.AddDevice(w.t.Context(), d); err != nil {
		w.t.Fatal(err)
	}
}

// device is the program that waits, as it stands.
func (w *world) device() signin.Device {
	w.t.Helper()
	poll, err := w.store.PollDevice(w.t.Context(), deviceCode, w.clock.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return poll.Device
}

// letter is the newest of its kind to an address.
func (w *world) letter(name, to string) mail.Letter {
	w.t.Helper()
	for _, l := range slices.Backward(w.store.letters()) {
		if l.Name == name && l.To == to {
			return l
		}
	}
	w.t.Fatalf("there is no letter %q to %s", name, to)
	return mail.Letter{}
}

// person is somebody with a browser.
type person struct {
	*world
	client *http.Client
	page   sheet
}

func (w *world) person() *person {
	jar, _ := cookiejar.New(nil) // it fails with options only
	return &person{world: w, client: &http.Client{Jar: jar}}
}

// sheet is an answer as a person reads it.
type sheet struct {
	status int
	header http.Header
	at     *url.URL
	source string
	title  string
	text   string
	forms  []form
}

type form struct {
	action string
	fields url.Values
}

// open goes to an address of ours, or to another site's.
func (p *person) open(where string) *person {
	p.t.Helper()
	if strings.HasPrefix(where, "/") {
		where = p.url + where
	}
	r, err := http.NewRequest(http.MethodGet, where, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.send(r)
}

// send sends a request and reads the page that comes, redirects followed.
func (p *person) send(r *http.Request) *person {
	p.t.Helper()
	resp, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.page = readPage(p.t, string(b))
	p.page.status, p.page.header, p.page.at = resp.StatusCode, resp.Header, resp.Request.URL
	return p
}

// fill sends the page's form with that action, with some fields filled in.
func (p *person) fill(action string, fields ...string) *person {
	p.t.Helper()
	i := slices.IndexFunc(p.page.forms, func(f form) bool { return f.action == action })
	if i < 0 {
		p.t.Fatalf("the page %q has no form for %s:\n%s", p.page.title, action, p.page.text)
	}
	values := p.page.forms[i].fields
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	where, err := p.page.at.Parse(action)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.post(where.String(), values)
}

// post sends a form as a browser does that was given it by its own site.
func (p *person) post(where string, values url.Values) *person {
	p.t.Helper()
	if strings.HasPrefix(where, "/") {
		where = p.url + where
	}
	r, err := http.NewRequest(http.MethodPost, where, strings.NewReader(values.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.send(r)
}

// sees fails the test unless the page has that status, title and words.
func (p *person) sees(status int, title string, words ...string) *person {
	p.t.Helper()
	if p.page.status != status || !strings.HasPrefix(p.page.title, title) {
		p.t.Fatalf("%s: %d %q, want %d %q:\n%s", p.page.at, p.page.status, p.page.title, status, title, p.page.text)
	}
	for _, word := range words {
		if !strings.Contains(p.page.text, word) {
			p.t.Errorf("the page %q does not say %q:\n%s", p.page.title, word, p.page.text)
		}
	}
	return p
}

// signIn signs the person in by e-mail.
func (p *person) signIn(address string) *person {
	p.t.Helper()
	p.open("/signin").sees(200, "Sign in").fill("/signin/email", "email", address).sees(200, "Check your mail")
	return p.fill("/signin/email/code", "code", p.letter("code", address).Data["code"])
}

// cookie is the credential that the browser holds.
func (p *person) cookie() string {
	at, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(at) {
		if c.Name == "aichat" {
			return c.Value
		}
	}
	return ""
}

// readPage reads HTML.
func readPage(t *testing.T, source string) sheet {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	p := sheet{source: source}
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data == "title":
			p.title = n.Data
		case n.Type == html.TextNode && n.Parent.Data != "style":
			p.text += n.Data
		case n.Type == html.ElementNode && n.Data == "form":
			p.forms = append(p.forms, readForm(n))
		}
	}
	return p
}

func readForm(n *html.Node) form {
	f := form{action: attribute(n, "action"), fields: url.Values{}}
	for field := range n.Descendants() {
		if name := attribute(field, "name"); field.Data == "input" && name != "" {
			f.fields.Set(name, attribute(field, "value"))
		}
	}
	return f
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func (w *world) users() []identity.User {
	w.t.Helper()
	all, err := w.store.ids.Users(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// identities are a user's, oldest first.
func (w *world) identities(user identity.UserID) []identity.External {
	w.t.Helper()
	all, err := w.store.ids.ExternalsOf(w.t.Context(), user)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// events are what was recorded, oldest first.
func (w *world) events() []identity.Event {
	w.t.Helper()
	all, err := w.store.ids.Events(w.t.Context(), identity.EventFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

func (w *world) invite(i signin.Invitation) {
	w.t.Helper()
	if err := w.store.Invite(w.t.Context(), i, nil); err != nil {
		w.t.Fatal(err)
	}
}

// calls are what the stores were asked, in order.
func (w *world) calls() []string {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	return slices.Clone(w.store.calls)
}

// breaks takes the database away.
func (w *world) breaks() {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.away = true
}
