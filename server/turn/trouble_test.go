package turn_test

import (
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/usage"
)

func TestCancelling(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{used(10, 1), say("half"), after(time.Minute, say("never")), stop()})
		req := h.question("?")
		feed := h.begin(req)
		pass(time.Second)
		begun := time.Now()
		for range 2 {
			if err := h.Cancel(t.Context(), h.who, req.ID); err != nil {
				t.Fatal(err)
			}
		}
		got := read(t, feed)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("the provider was left after %v", took)
		}
		if _, closed := h.script.count(); closed != 1 {
			t.Error("the provider's stream was not closed")
		}
		m := h.stored(req.ID)
		if got.end.Answer.State != conversation.Cancelled || conversation.PlainText(m.Parts) != "half" || m.ErrorCode != "cancelled" {
			t.Errorf("ended %+v", m)
		}
		row := h.store.entries()[0]
		if row.Outcome != usage.Cancelled || row.Tokens.Input != 10 || row.Source != usage.Estimated || row.CostMicroUSD == 0 {
			t.Errorf("ledger %+v", row)
		}
		if err := h.Cancel(t.Context(), h.who, req.ID); err != nil {
			t.Errorf("cancelling what has ended: %v", err)
		}
	})
}

func TestSilenceIsFilledThenEnded(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("and then"), after(time.Hour, say("never"))})
		req := h.question("?")
		got := read(t, h.begin(req))
		if got.end.Answer.ErrorCode != "provider_timeout" || got.end.Answer.State != conversation.Failed {
			t.Errorf("ended %+v", got.end.Answer)
		}
		if want := int(3 * time.Minute / (15 * time.Second)); got.idle < want-1 {
			t.Errorf("%d idle updates in three minutes, want about %d", got.idle, want)
		}
	})
}

func TestTroubleBeforeTheFirstTokenIsTriedAgain(t *testing.T) {
	t.Parallel()
	overloaded := fault.New(fault.ProviderOverloaded, "")
	limited := &fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: 5 * time.Second}
	longer := &fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: time.Hour}
	fine := []step{say("yes"), stop()}
	for _, tc := range []struct {
		name  string
		calls [][]step
		want  string // the error's code; empty: none
		tries int
		rows  int
		least time.Duration
	}{
		{"refused, then fine", [][]step{{refused(overloaded)}, fine}, "", 2, 1, time.Second},
		{"broken before a token, then fine", [][]step{{broken(fault.New(fault.ProviderTruncated, ""))}, fine}, "", 2, 2, time.Second},
		{"its own patience is kept", [][]step{{refused(limited)}, fine}, "", 2, 1, 5 * time.Second},
		{"asked to wait too long", [][]step{{refused(longer)}, fine}, "provider_rate_limited", 1, 0, 0},
		{"for ever", [][]step{{refused(overloaded)}}, "provider_overloaded", 3, 0, 3 * time.Second},
		{"after a token", [][]step{{say("no"), broken(overloaded)}, fine}, "provider_overloaded", 1, 1, 0},
		{"not passing", [][]step{{refused(fault.New(fault.ProviderAuth, ""))}, fine}, "provider_auth", 1, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				h := open(t, tc.calls...)
				begun := time.Now()
				got := read(t, h.begin(h.question("?")))
				if got.end.Answer.ErrorCode != tc.want {
					t.Errorf("ended with %q, want %q", got.end.Answer.ErrorCode, tc.want)
				}
				tries, _ := h.script.count()
				if tries != tc.tries || len(got.notices) != tc.tries-1 {
					t.Errorf("%d tries, %d notices, want %d tries", tries, len(got.notices), tc.tries)
				}
				if rows := h.store.entries(); len(rows) != tc.rows {
					t.Errorf("%d rows, want %d", len(rows), tc.rows)
				}
				if used := got.end.Answer.Usage; (used == conversation.Usage{}) != (tc.rows == 0) {
					t.Errorf("the answer carries %+v", used)
				}
				if took := time.Since(begun); took < tc.least {
					t.Errorf("took %v, want at least %v", took, tc.least)
				}
			})
		})
	}
}
