package oauth_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
	"github.com/aichat-term/aichat/server/visitor"
)

const site = "https://chat.example.com"

// world is the door in front of real Grants and a real database.
type world struct {
	*testing.T
	door   http.Handler
	grants *signin.Grants
	user   identity.UserID
	from   string // where requests come from

	log logtest.Log

	mu sync.Mutex
	at time.Time
}

func newWorld(t *testing.T, o oauth.Options) *world {
	t.Helper()
	w := &world{T: t, at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), from: "192.0.2.1:4711"}
	o.Logger = slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Grants == nil {
		w.grants, w.user = newGrants(t, o.Logger, signin.GrantOptions{Now: w.now})
		o.Grants = w.grants
	}
	o.URL, o.Now = site, w.now
	w.door = oauth.New(o)
	t.Cleanup(w.searchLog)
	return w
}

// newGrants makes Grants on a database of their own, with one user.
func newGrants(t *testing.T, log *slog.Logger, o signin.GrantOptions) (*signin.Grants, identity.UserID) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Database: sqlitetest.File(t), Logger: log})
	must(t, err)
	user := identity.UserID(uuid.NewString())
	must(t, db.Identities().CreateUser(t.Context(), identity.User{ID: user, Name: "ann", Account: identity.AccountID(uuid.NewString()), CreatedAt: time.Now()}))
	o.Store, o.Sessions, o.Tokens, o.Audit = db.SignIn(), db.Identities(), db.Identities(), db.Identities()
	o.Clients, o.Logger = []string{wire.ClientID}, log
	grants := signin.NewGrants(o)
	t.Cleanup(func() {
		grants.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return grants, user
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

var credential = regexp.MustCompile(`aichat_(pat|at|rt|dc|bs|ol)_[a-z2-7]{8}`)

func (w *world) searchLog() {
	if found := credential.FindString(w.log.String()); found != "" {
		w.Errorf("a credential is in the log: %s…", found)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected: %v", err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(r *http.Request) answer {
	w.Helper()
	if r.RemoteAddr = w.from; r.Header.Get("Origin") == "" {
		r.Header.Set("Origin", "https://elsewhere.example") // a page asks: it is told nothing more
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	a := answer{rec.Code, rec.Header(), rec.Body.String()}
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") {
			w.Errorf("%s says %s", r.URL.Path, name)
		}
	}
	return a
}

func (w *world) get(path string) answer {
	w.Helper()
	return w.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// postText sends a body as a form.
func (w *world) postText(path, body string) answer {
	w.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := w.do(r)
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
		w.Errorf("%s may be cached: %v", path, a.header)
	}
	return a
}

// post sends pairs of names and values.
func (w *world) post(path string, pairs ...string) answer {
	w.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return w.postText(path, v.Encode())
}

// read decodes a JSON body that was expected with a status, and nothing else.
func read[T any](w *world, a answer, status int) (v T) {
	w.Helper()
	if a.status != status || a.header.Get("Content-Type") != "application/json" {
		w.Fatalf("status %d (%s), want %d: %s", a.status, a.header.Get("Content-Type"), status, a.body)
	}
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	must(w.T, d.Decode(&v))
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		w.Errorf("more than one value: %s", a.body)
	}
	return v
}

// wantError checks a refusal.
func (w *world) wantError(a answer, status int, code string) wire.OAuthProblem {
	w.Helper()
	p := read[wire.OAuthProblem](w, a, status)
	if p.Error != code || p.Description == "" {
		w.Fatalf("error %q (%s), want %q", p.Error, p.Description, code)
	}
	return p
}

func (w *world) begin() wire.DeviceCode {
	w.Helper()
	return read[wire.DeviceCode](w, w.post(wire.PathDeviceCode, "client_id", wire.ClientID,
		wire.FieldDeviceName, "laptop", wire.FieldClientVersion, "aichat 1.2"), 200)
}

func (w *world) decide(userCode string, approve bool) {
	w.Helper()
	code, ok := signin.ParseUserCode(userCode)
	if !ok {
		w.Fatalf("%q is no user code", userCode)
	}
	_, err := w.grants.Decide(w.Context(), code, w.user, approve, identity.Seen{})
	must(w.T, err)
}

func (w *world) poll(deviceCode string) answer {
	w.Helper()
	return w.post(wire.PathOAuthToken, "client_id", wire.ClientID, "grant_type", wire.GrantDeviceCode, "device_code", deviceCode)
}

func (w *world) refresh(token string) answer {
	w.Helper()
	return w.post(wire.PathOAuthToken, "client_id", wire.ClientID, "grant_type", wire.GrantRefresh, "refresh_token", token)
}

func (w *world) revoke(token string) answer {
	w.Helper()
	return w.post(wire.PathRevoke, "client_id", wire.ClientID, "token", token, "token_type_hint", "refresh_token")
}

func (w *world) signIn() wire.TokenGrant {
	w.Helper()
	d := w.begin()
	w.decide(d.UserCode, true)
	return read[wire.TokenGrant](w, w.poll(d.DeviceCode), 200)
}

// tight lets little through.
var tight = visitor.Rate{Burst: 3, Every: 10 * time.Second}
