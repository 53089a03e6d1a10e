package turn_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// meter is a Policy and the store of what it holds; it remembers both.
type meter struct {
	quota.Store

	mu      sync.Mutex
	refuse  map[usage.Kind]error
	away    error // of Reserve and Settle
	little  bool  // is left: no hold stands that was made without looking
	asked   []quota.Ask
	held    map[string]bool
	settled map[string][]usage.Entry
	passes  *quota.Paces
	most    int64 // that the provider may be asked to write
}

func newMeter() *meter {
	return &meter{refuse: map[usage.Kind]error{}, held: map[string]bool{}, settled: map[string][]usage.Entry{}, passes: quota.NewPaces(nil)}
}

// Admit lets a plan's policy make the hold.
func (m *meter) Admit(ctx context.Context, ask quota.Ask) (*quota.Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, ask)
	if err := m.refuse[ask.Kind]; err != nil {
		return nil, err
	}
	ask.Principal.Local = false
	plan := quota.Plan{Name: "p", Rates: quota.Rates{Streams: 1}}
	if m.most > 0 {
		plan.Limits = []quota.Limit{{Scope: quota.ForAccount, Period: quota.Day, Unit: quota.Tokens, Most: ask.Prompt + m.most}}
	}
	return quota.NewMetered(quota.MeteredOptions{Store: empty{}, Plans: func() *quota.Plans { return quota.NewPlans(plan) },
		Default: "p", Pacer: m.passes}).Admit(ctx, ask)
}

// empty is an account that has used nothing.
type empty struct{}

func (empty) Standing(context.Context, identity.AccountID, *quota.Subjects, time.Time) (quota.Standing, error) {
	return quota.Standing{}, nil
}

func (m *meter) Reserve(_ context.Context, h *quota.Hold) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.little && h.Unseen {
		return quota.ErrUnseen
	}
	if m.away == nil {
		m.held[h.ID] = true
	}
	return m.away
}

func (m *meter) Settle(_ context.Context, _ identity.AccountID, id string, entries []usage.Entry) ([]quota.Warning, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away == nil {
		delete(m.held, id)
		m.settled[id] = entries
	}
	return nil, m.away
}

func (m *meter) Expire(context.Context, bool, int) (int, error) { return 0, nil }

func (m *meter) fail(err error) { m.mu.Lock(); defer m.mu.Unlock(); m.away = err }

// free checks that nothing runs any more: of the one stream that an account may
// have there is none.
func (m *meter) free(t *testing.T) {
	t.Helper()
	pass, err := m.passes.Enter(t.Context(), quota.Walker{Account: "a"}, quota.Rates{Streams: 1}, 0)
	if err != nil {
		t.Errorf("a stream was not given back: %v", err)
		return
	}
	pass.Cancel()
}

var errAway = fault.New(fault.Unavailable, "The database is away.")

func TestATurnIsMetered(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		m.most = 300
		h := openMetered(t, m, []step{say("hi"), used(3, 4), stop()})
		h.store.warnings = []quota.Warning{{Counter: quota.Counter{Scope: quota.ForAccount, Period: quota.Day}, Unit: quota.Messages, Percent: 80, Used: 8, Most: 10}}
		req := h.question("?")
		got := read(t, h.begin(req))
		if got.end.Answer.State != conversation.Complete || len(got.notices) != 1 || got.notices[0] != "quota" {
			t.Errorf("ended %+v, with notices %v", got.end.Answer, got.notices)
		}
		if p := h.store.begun[0]; p.Hold == nil || p.Hold.ID != string(req.ID) || p.Hold.Worst.Amount.Messages != 1 {
			t.Errorf("begun with %+v", p.Hold)
		}
		if asked := h.script.asked(0); asked.MaxTokens != 300 {
			t.Errorf("the provider may write %d tokens", asked.MaxTokens)
		}
		if e := h.store.entries()[0]; !e.Charged || e.Reservation != string(req.ID) {
			t.Errorf("row %+v", e)
		}
		m.free(t)
	})
}

// TestNothingUnreserved: no provider is called for what could not be reserved, and
// the stream is given back. Promise 32.
func TestNothingUnreserved(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		ephemeral bool
		kind      fault.Kind
		hinder    func(h *house, m *meter)
	}{
		{"the policy refuses", false, fault.RateLimited, func(_ *house, m *meter) { m.refuse[usage.Answer] = fault.New(fault.RateLimited, "") }},
		{"the database is away", false, fault.Unavailable, func(h *house, _ *meter) { h.store.failBegin = errAway }},
		{"the limit is reached", false, fault.QuotaExhausted, func(h *house, _ *meter) { h.store.failBegin = fault.New(fault.QuotaExhausted, "") }},
		{"away for an ephemeral one", true, fault.Unavailable, func(_ *house, m *meter) { m.fail(errAway) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				m := newMeter()
				h := openMetered(t, m, []step{say("hi"), stop()})
				tc.hinder(h, m)
				req := h.question("?")
				req.Ephemeral = tc.ephemeral
				if _, _, err := h.Begin(t.Context(), h.who, req, 0); !fault.Is(err, tc.kind) {
					t.Errorf("%v", err)
				}
				if calls, _ := h.script.count(); calls != 0 {
					t.Errorf("the provider was called")
				}
				m.free(t)
			})
		})
	}
}

// TestLittleIsLeft: what is left is looked at where the hold does not stand that was
// made without, and the turn begins by what there is; a pass is taken once.
func TestLittleIsLeft(t *testing.T) {
	t.Parallel()
	for name, ephemeral := range map[string]bool{"saved": false, "ephemeral": true} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				m := newMeter()
				m.little = true
				h := openMetered(t, m, []step{say("hi"), used(3, 4), stop()})
				h.store.little, h.who.Terms = true, identity.Terms{Anchor: 1}
				req := h.question("?")
				req.Ephemeral = ephemeral
				if got := read(t, h.begin(req)); got.end.Answer.State != conversation.Complete {
					t.Errorf("ended %+v", got.end.Answer)
				}
				if len(m.asked) != 2 || m.asked[0].Look || !m.asked[1].Look {
					t.Errorf("asked for %+v", m.asked)
				}
				m.free(t)
			})
		})
	}
}

// TestEphemeralIsSettled, also where the database is away for a while.
func TestEphemeralIsSettled(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		h := openMetered(t, m, []step{say("hi"), after(time.Second, used(3, 4)), stop()})
		req := h.question("?")
		req.Ephemeral = true
		feed := h.begin(req)
		synctest.Wait()
		m.fail(errAway)
		time.AfterFunc(5*time.Second, func() { m.fail(nil) })
		if got := read(t, feed); got.end.Answer.State != conversation.Complete || got.text.String() != "hi" {
			t.Errorf("ended %+v", got.end.Answer)
		}
		if id := m.asked[0].ID; len(m.held) != 0 || len(m.settled[id]) != 1 || m.settled[id][0].Reservation != id {
			t.Errorf("held %v, settled %v", m.held, m.settled)
		}
		m.free(t)
	})
}

// TestEphemeralIsHeldByItself: the id that a client gives an unsaved answer, again
// and again or that of a turn, names no reservation.
func TestEphemeralIsHeldByItself(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		var req turn.Request
		for i := range 3 { // three servers, the last of which saves it
			h := openMetered(t, m, []step{say("hi"), stop()})
			if i == 0 {
				req = h.question("?")
			}
			again := req
			again.Ephemeral = i < 2
			read(t, h.begin(again))
			synctest.Wait()
		}
		first, second, saved := m.asked[0].ID, m.asked[1].ID, m.asked[2].ID
		if first == second || first == saved || second == saved || saved != string(req.ID) {
			t.Errorf("reserved %q and %q, and for the turn %s %q", first, second, req.ID, saved)
		}
		if len(m.settled) != 2 {
			t.Errorf("settled %v", m.settled)
		}
	})
}

// TestTitlesAreMetered: by a reservation of their own, and where nothing is left
// none is made.
func TestTitlesAreMetered(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{false, true} {
		inTimeSub(t, func(t *testing.T) {
			m := newMeter()
			if refused {
				m.refuse[usage.Title] = fault.New(fault.QuotaExhausted, "")
			}
			h := openMetered(t, m, []step{say("answer"), used(1, 1), stop()}, []step{say("A title"), used(1, 1), stop()})
			req := h.question("What is this?")
			req.Create.Origin = conversation.FromChat
			read(t, h.begin(req))
			synctest.Wait()
			want := 1
			if refused {
				want = 0
			}
			if calls, _ := h.script.count(); calls != 1+want || len(m.settled) != want || len(m.held) != 0 {
				t.Errorf("refused %v: %d calls, settled %v, held %v", refused, calls, m.settled, m.held)
			}
			if last := m.asked[len(m.asked)-1]; last.Kind != usage.Title || last.ID == string(req.ID) {
				t.Errorf("asked for %+v", last)
			}
			m.free(t)
		})
	}
}

// inTimeSub runs a part of a test on a clock of its own.
func inTimeSub(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Run("", func(t *testing.T) { inTime(t, f) })
}

// openMetered is open with a policy.
func openMetered(t *testing.T, m *meter, calls ...[]step) *house {
	t.Helper()
	return openWith(t, func(o *turn.Options) { o.Policy, o.Quota = m, m }, calls...)
}
