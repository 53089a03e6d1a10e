package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/aftermath"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// seam is where a process dies: before the named step is done, or when it is and
// nobody has been told.
type seam struct {
	step  string
	after bool
}

// mortal are the stores of a process that dies at a seam: from then on it can
// store nothing.
type mortal struct {
	turn.Store
	held quota.Store
	at   seam
	dead atomic.Bool

	// only, if not nil, says which checkpoints are the step of that name.
	only func([]turn.Chunk) bool

	// amid, if not nil, is called as the step begins. kill, if not nil, ends the
	// process in earnest.
	amid func()
	kill func()
}

// die is death at the seam.
func (m *mortal) die() {
	if m.kill != nil {
		m.kill()
	}
	m.dead.Store(true)
}

var errDead = fault.New(fault.Unavailable, "The process is dead.")

// do does a step, unless the process is dead or dies at it.
func (m *mortal) do(step string, do func() error) error {
	if m.at == (seam{step, false}) {
		m.die()
	}
	if m.dead.Load() {
		return errDead
	}
	if m.amid != nil && m.at == (seam{step, true}) {
		m.amid()
	}
	err := do()
	if m.at == (seam{step, true}) {
		m.die()
		return errDead
	}
	return err
}

func (m *mortal) Begin(ctx context.Context, p turn.BeginParams) (rec turn.Record, created bool, err error) {
	err = m.do("begin", func() error { rec, created, err = m.Store.Begin(ctx, p); return err })
	return rec, created, err
}

func (m *mortal) Checkpoint(ctx context.Context, owner string, lease time.Duration, running []turn.Ref, chunks []turn.Chunk) (lost, asked []turn.Ref, err error) {
	step := "checkpoint"
	if m.only != nil && !m.only(chunks) {
		step = "another checkpoint"
	}
	err = m.do(step, func() error {
		lost, asked, err = m.Store.Checkpoint(ctx, owner, lease, running, chunks)
		return err
	})
	return lost, asked, err
}

func (m *mortal) Finish(ctx context.Context, p turn.FinishParams) (ours bool, warnings []quota.Warning, err error) {
	err = m.do("finish", func() error { ours, warnings, err = m.Store.Finish(ctx, p); return err })
	return ours, warnings, err
}

func (m *mortal) Claim(ctx context.Context, owner string, lease time.Duration, all bool, limit int) (dead []turn.Orphan, err error) {
	err = m.do("claim", func() error { dead, err = m.Store.Claim(ctx, owner, lease, all, limit); return err })
	return dead, err
}

// mortalHolds are the reservations of the same process.
type mortalHolds struct {
	quota.Store
	*mortal
}

func (h mortalHolds) Standing(ctx context.Context, account identity.AccountID, of *quota.Subjects, at time.Time) (quota.Standing, error) {
	return h.held.Standing(ctx, account, of, at)
}

func (h mortalHolds) Reserve(ctx context.Context, hold *quota.Hold) error {
	return h.do("reserve", func() error { return h.held.Reserve(ctx, hold) })
}

func (h mortalHolds) Settle(ctx context.Context, account identity.AccountID, id string, entries []usage.Entry) (w []quota.Warning, err error) {
	err = h.do("settle", func() error { w, err = h.held.Settle(ctx, account, id, entries); return err })
	return w, err
}

func (h mortalHolds) Expire(ctx context.Context, all bool, limit int) (n int, err error) {
	err = h.do("expire", func() error { n, err = h.held.Expire(ctx, all, limit); return err })
	return n, err
}

// Promise 27: whichever seam a process dies at, what it had reserved is settled
// once by whoever comes after it.
func TestDeathAtEverySeam(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		at        seam
		ephemeral bool
		rows      int // of the ledger, in the end
	}{
		{"before the turn is begun", seam{"begin", false}, false, 0},
		{"when it is begun, before the call", seam{"begin", true}, false, 1},
		{"during the answer", seam{"checkpoint", false}, false, 1},
		{"before it is ended", seam{"finish", false}, false, 1},
		{"when it is ended", seam{"finish", true}, false, 1},
		{"before an ephemeral one is reserved", seam{"reserve", false}, true, 0},
		{"when it is reserved", seam{"reserve", true}, true, 1},
		{"before it is settled", seam{"settle", false}, true, 1},
		{"when it is settled", seam{"settle", true}, true, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for name, database := range map[string]func(testing.TB) string{"sqlite": sqlitetest.File, "postgres": pgtest.URL} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					d := newDying(t, database(t))
					d.die(tc.at, tc.ephemeral)
					for range 2 { // whoever comes first, and whoever comes after that
						d.live()
						d.settled(tc.rows)
					}
				})
			}
		})
	}
}

// What a process was at when it died is booked as that: here the model that had
// come in the place of the one that was asked.
func TestDeathElsewhere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		if database == "" {
			database = sqlitetest.File(t)
		}
		g, v := newGatekeeper(t), newVendor(t)
		g.refuses("stub", http.StatusUnauthorized)
		v.say("hello") // and goes on for ever
		d := newDying(t, database)
		d.config.Fallbacks = []string{testModel + " > other/deputy"}
		d.config.Providers = map[string]server.ProviderConfig{
			"stub":  {BaseURL: g.url, Key: setting.NewSecret(aftermath.Canary + "-stub")},
			"other": {BaseURL: v.url + "/v1", Key: setting.NewSecret(aftermath.Canary)},
		}
		req := question()
		req.Model = testModel
		d.dieOf(&mortal{Store: d.db.Turns(), held: d.db.Quota(), at: seam{"checkpoint", true}, only: func(chunks []turn.Chunk) bool {
			return slices.ContainsFunc(chunks, func(c turn.Chunk) bool { return c.Model != "" })
		}}, req)
		d.live()
		rows, err := d.db.Ledger().Entries(t.Context(), d.who.Account, time.Time{}, 10)
		if err != nil || len(rows) != 1 || rows[0].ModelID() != "other/deputy" || !rows[0].Lost() || !rows[0].Charged {
			t.Errorf("rows %+v, %v", rows, err)
		}
		if g.heard() != "talker:stub" {
			t.Error("the one that was asked was not")
		}
	})
}

// dying is a database on which processes live and die.
type dying struct {
	*testing.T
	db     *store.DB
	who    identity.Principal
	config server.Config // of the processes' models
}

func newDying(t *testing.T, database string) *dying {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Database: database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // nothing is left to be stored
	u := identity.User{ID: identity.UserID(conversation.NewID()), Account: identity.AccountID(conversation.NewID()), Name: "ann", CreatedAt: time.Now()}
	if err := db.Identities().CreateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return &dying{t, db, identity.Principal{User: u.ID, Account: u.Account}, server.Config{NoOllamaProbe: true}}
}

// process is a turn service of its own, on stores that may be mortal.
func (d *dying) process(turns turn.Store, holds quota.Store) *turn.Service {
	d.Helper()
	directory, err := server.NewDirectory(d.config, server.Options{DemoDelay: 5 * time.Millisecond})
	if err != nil {
		d.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	plans := quota.NewPlans(quota.Plan{Name: "p", Limits: []quota.Limit{{Scope: quota.ForAccount, Period: quota.Month, Unit: quota.Tokens, Most: 1 << 30}}})
	return turn.New(turn.Options{Store: turns, Conversations: d.db.Conversations(), Ledger: d.db.Ledger(), Directory: directory,
		Policy: quota.NewMetered(quota.MeteredOptions{Store: holds, Plans: func() *quota.Plans { return plans }, Default: "p", Pacer: quota.NewPaces(nil)}),
		Quota:  holds, Caller: generate.New(generate.Options{Logger: quiet}), Exclusive: true, Checkpoint: 10 * time.Millisecond, Logger: quiet})
}

// die asks a process a question, which it dies of.
func (d *dying) die(at seam, ephemeral bool) {
	d.Helper()
	req := question()
	req.Ephemeral = ephemeral
	d.dieOf(&mortal{Store: d.db.Turns(), held: d.db.Quota(), at: at}, req)
}

func (d *dying) dieOf(m *mortal, req turn.Request) {
	d.Helper()
	s := d.process(m, mortalHolds{m.held, m})
	if err := s.Start(d.Context()); err != nil {
		d.Fatal(err)
	}
	feed, _, err := s.Begin(d.Context(), d.who, req, 0)
	ctx, stop := context.WithCancel(d.Context())
	if err == nil {
		d.watch(ctx, m, feed, stop)
	}
	stop()
	if !m.dead.Load() {
		d.Fatalf("it did not die: %v", err)
	}
	if err := s.Stop(ctx); err != nil {
		d.Fatal(err)
	}
}

// watch follows an answer until the process is dead.
func (d *dying) watch(ctx context.Context, m *mortal, feed turn.Feed, stop func()) {
	defer feed.Close()
	for !m.dead.Load() {
		if _, err := feed.Next(ctx, 10*time.Millisecond); errors.Is(err, io.EOF) {
			stop()
			return
		}
	}
}

// live lets a process start, do what it finds, and end.
func (d *dying) live() {
	d.Helper()
	s := d.process(d.db.Turns(), d.db.Quota())
	if err := s.Start(d.Context()); err != nil {
		d.Fatal(err)
	}
	if err := s.Stop(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// settled checks that nothing is held, and that the ledger has so many rows and
// the counters what these say.
func (d *dying) settled(rows int) {
	d.Helper()
	st, err := d.db.Quota().Standing(d.Context(), d.who.Account, nil, time.Now())
	if err != nil {
		d.Fatal(err)
	}
	for _, b := range st.Balances {
		if b.Held != (quota.Amount{}) || b.Used.Messages != int64(rows) {
			d.Errorf("%+v", b)
		}
	}
	if wrong, err := d.db.Quota().Mismatches(d.Context(), ""); err != nil || len(wrong) > 0 {
		d.Errorf("mismatches %+v, %v", wrong, err)
	}
	entries, err := d.db.Ledger().Entries(d.Context(), d.who.Account, time.Time{}, 1000)
	charged := 0
	for _, e := range entries {
		// An unsaved answer that a reaper was quicker than has been charged by that:
		// its own row is kept, and counts for nothing.
		late := !e.Charged && e.Conversation == "" && e.Reservation != "" && e.Outcome == usage.Completed
		if e.Charged {
			charged++
		}
		if !e.Charged && !late || e.Tokens.Prompt() == 0 {
			d.Errorf("row %+v", e)
		}
	}
	if err != nil || charged != rows {
		d.Errorf("%d rows are charged, want %d: %v", charged, rows, err)
	}
}
