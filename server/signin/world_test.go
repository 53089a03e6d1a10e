package signin_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// onBoth runs a test on each database. Whatever it does, its log and its
// security events hold no credential.
func onBoth(t *testing.T, test func(w *world)) {
	t.Helper()
	for name, database := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return sqlitetest.File(t) },
		"postgres": func(t *testing.T) string { return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, database(t)))
		})
	}
}

const client = "aichat-cli"

// world is Grants on a real database, with a clock that stands still.
type world struct {
	testing.TB
	ctx      context.Context
	database string
	db       *store.DB
	grants   *signin.Grants
	options  signin.GrantOptions
	user     identity.UserID

	log logtest.Log

	mu    sync.Mutex
	at    time.Time
	ended []string
	codes []signin.UserCode // that were handed out
}

func newWorld(t testing.TB, database string) *world {
	t.Helper()
	w := &world{TB: t, ctx: t.Context(), database: database, at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db, err := store.Open(t.Context(), store.Options{Database: database, Logger: log})
	w.must(err)
	w.db = db
	w.options = signin.GrantOptions{
		Store: db.SignIn(), Sessions: db.Identities(), Tokens: db.Identities(), Audit: db.Identities(), Clients: []string{client, "other"},
		Ended: w.hearEnd, Now: w.now, Logger: log,
	}
	w.grants = signin.NewGrants(w.options)
	t.Cleanup(func() {
		w.grants.Close()
		w.searchLogs()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.user = w.newUser("ann")
	return w
}

func (w *world) newUser(name string) identity.UserID {
	w.Helper()
	id := identity.UserID(uuid.NewString())
	w.must(w.db.Identities().CreateUser(w.ctx, identity.User{ID: id, Name: name, Account: identity.AccountID(uuid.NewString()), CreatedAt: w.now()}))
	return id
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

func (w *world) hearEnd(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = append(w.ended, ids...)
}

var credential = regexp.MustCompile(`aichat_(pat|at|rt|dc|bs|ol)_[a-z2-7]{8}`)

// searchLogs looks for credentials where there must be none.
func (w *world) searchLogs() {
	text := w.log.String()
	for _, e := range w.events("") {
		text += "\n" + e.Detail + " " + e.By + " " + e.Session
	}
	if found := credential.FindString(text); found != "" {
		w.Errorf("a credential is in the log or among the events: %s…", found)
	}
	for _, code := range w.codes {
		if strings.Contains(text, string(code)) || strings.Contains(text, code.Shown()) {
			w.Errorf("a user code is in the log or among the events")
		}
	}
}

// events lists the security events of a kind; empty: all.
func (w *world) events(what identity.What) []identity.Event {
	w.Helper()
	all, err := w.db.Identities().Events(context.Background(), identity.EventFilter{What: what, Limit: 1000})
	w.must(err)
	return all
}

// happened counts the events of a kind.
func (w *world) happened(what identity.What) int {
	w.Helper()
	return len(w.events(what))
}

// wantEnded checks which sessions were said to have ended, in which order.
func (w *world) wantEnded(ids ...string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.ended, ids) {
		w.Errorf("ended: %v, want %v", w.ended, ids)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("unexpected: %v", err)
	}
}

func (w *world) want(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("got %v, want a fault of kind %v", err, kind)
	}
}

// wantSubject checks a refusal by its subject.
func (w *world) wantSubject(subject string, err error) {
	w.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Subject != subject {
		w.Fatalf("got %v, want a fault about %s", err, subject)
	}
}

func (w *world) begin() signin.DeviceCodes {
	w.Helper()
	return w.beginAs(signin.DeviceRequest{Client: client, Name: "laptop", Version: "aichat 1.2", Address: "192.0.2.1"})
}

func (w *world) beginAs(r signin.DeviceRequest) signin.DeviceCodes {
	w.Helper()
	codes, err := w.grants.BeginDevice(w.ctx, r)
	w.must(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codes = append(w.codes, codes.UserCode)
	return codes
}

func (w *world) decide(codes signin.DeviceCodes, approve bool) {
	w.Helper()
	_, err := w.grants.Decide(w.ctx, codes.UserCode, w.user, approve, identity.Seen{Address: "198.51.100.7"})
	w.must(err)
}

func (w *world) poll(codes signin.DeviceCodes) (signin.Answer, error) {
	return w.grants.Poll(w.ctx, client, codes.DeviceCode, identity.Seen{Address: "192.0.2.1"})
}

func (w *world) wantStanding(codes signin.DeviceCodes, want signin.Standing) signin.Answer {
	w.Helper()
	a, err := w.poll(codes)
	w.must(err)
	if a.Standing != want {
		w.Fatalf("standing %v, want %v", a.Standing, want)
	}
	return a
}

// signIn goes the whole way.
func (w *world) signIn() signin.Grant {
	w.Helper()
	codes := w.begin()
	w.decide(codes, true)
	return w.wantStanding(codes, signin.LetIn).Grant
}

func (w *world) refresh(token string) (signin.Grant, error) {
	return w.grants.Refresh(w.ctx, signin.Refreshing{Client: client, Token: token, From: identity.Seen{Address: "192.0.2.2", Client: "aichat 1.3"}})
}

func (w *world) mustRefresh(token string) signin.Grant {
	w.Helper()
	g, err := w.refresh(token)
	w.must(err)
	return g
}

func (w *world) authenticate(bearer string) (identity.Principal, error) {
	return w.grants.Authenticate(w.ctx, bearer, identity.Seen{Address: "192.0.2.3", Client: "aichat 1.4"})
}

// wantIn checks that an access token is let in, as the session's.
func (w *world) wantIn(g signin.Grant) {
	w.Helper()
	p, err := w.authenticate(g.AccessToken)
	w.must(err)
	if p.Session != g.Session || p.User != w.user {
		w.Errorf("it acts as %+v, want session %s of %s", p, g.Session, w.user)
	}
}

func (w *world) wantOut(bearer string) {
	w.Helper()
	_, err := w.authenticate(bearer)
	w.want(fault.Unauthenticated, err)
}

// atOnce does a thing n times in parallel.
func atOnce(n int, do func(i int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	group.Wait()
}
