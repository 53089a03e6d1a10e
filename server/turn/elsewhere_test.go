package turn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/vault"
)

// ring is a vault in which everybody may use what is listed.
type ring []vault.Key

func (r ring) Usable(context.Context, identity.AccountID, identity.UserID) ([]vault.Key, error) {
	return r, nil
}

func (r ring) Open(context.Context, *vault.Key) (vault.Secret, error) {
	return vault.NewSecret("sk-1"), nil
}
func (r ring) Note(vault.Note) {}

const other = "gemini/other"

// openWays is a metered house with the vault's keys, which asks another provider in
// the place of the one that does not answer.
func openWays(t *testing.T, m *meter, keys ring, calls ...[]step) *house {
	t.Helper()
	sc := &script{calls: calls}
	h := openWith(t, ways(t, m, keys, sc))
	h.script = sc
	return h
}

// ways are the options of such a house.
func ways(t *testing.T, m *meter, keys ring, sc *script) func(*turn.Options) {
	t.Helper()
	cat, err := provider.LoadCatalogue([]byte(`{"models": [
		{"provider": "openai", "name": "gpt-test", "context": 1000, "output": 500, "default": true,
		 "price": {"input": 1000000, "cached_read": 100000, "cached_write": 1000000, "output": 2000000}},
		{"provider": "gemini", "name": "other", "context": 2000, "output": 800,
		 "price": {"input": 3000000, "cached_read": 100000, "cached_write": 1000000, "output": 5000000}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	directory := provider.NewDirectory(provider.DirectoryOptions{
		Catalogue: cat, Keys: keys, Fallbacks: map[string][]string{model: {other}},
		Vendors:   map[provider.API]provider.Provider{provider.OpenAIResponses: sc, provider.Gemini: sc},
		OllamaURL: func(string) (string, error) { return "", errors.New("none") }, NoProbe: true,
	})
	return func(o *turn.Options) {
		o.Policy, o.Quota, o.Directory = m, m, directory
		o.Caller = generate.New(generate.Options{Keys: directory, Logger: o.Logger, Jitter: func() float64 { return 1 }})
	}
}

func kept(id string, owner vault.Owner, of string) vault.Key {
	return vault.Key{ID: vault.KeyID(id), Owner: owner, Provider: of, Weight: 1}
}

// Another model answers in the place of the one that was asked: the answer says
// which, and it is paid for by that one's price. The hold was enough for it.
func TestAnotherModelAnswers(t *testing.T) {
	inTime(t, func(t *testing.T) {
		sealed := step{ev: provider.Event{Type: provider.PartOpaque, Opaque: []byte("seal")}}
		m := newMeter()
		h := openWays(t, m, ring{kept("O", vault.Server(), "openai"), kept("G", vault.Server(), "gemini")},
			[]step{refused(fault.New(fault.ProviderAuth, ""))}, []step{say("hi"), sealed, used(10, 20), stop()})
		req := h.question("?")
		got := read(t, h.begin(req))
		if len(got.notices) != 1 || got.notices[0] != "fallback" {
			t.Errorf("notices %v", got.notices)
		}
		if a := got.end.Answer; a.Model != other || a.State != conversation.Complete || a.Parts[0].OpaqueFrom != "gemini" || a.Usage.CostMicroUSD != 130 {
			t.Errorf("answered %+v", a)
		}
		if e := h.store.entries(); len(e) != 1 || e[0].Provider != "gemini" || e[0].KeyID != "G" || e[0].Attempt != 2 || e[0].CostMicroUSD != 130 || !e[0].Charged {
			t.Errorf("rows %+v", e)
		}
		hold := h.store.begun[0].Hold
		if hold.Model != model || hold.Worst.Amount.MicroUSD != 3*hold.Worst.Prompt+5*500 {
			t.Errorf("held %+v", hold.Worst)
		}
		if r := h.script.asked(1); r.Model != "other" || r.MaxTokens != 500 {
			t.Errorf("the other was asked for %+v", r)
		}
		m.free(t)
	})
}

// Where the process dies while another model answers, whoever settles the turn
// knows which it was, and books it as that one's.
func TestAnotherModelAnsweredTheDead(t *testing.T) {
	inTime(t, func(t *testing.T) {
		for _, said := range []string{"", "hi there"} {
			m := newMeter()
			keys := ring{kept("O", vault.Server(), "openai"), kept("G", vault.Server(), "gemini")}
			h := openWays(t, m, keys, []step{refused(fault.New(fault.ProviderAuth, ""))}, []step{say(said), after(time.Hour, stop())})
			req := h.question("?")
			h.begin(req).Close()
			pass(2 * time.Second) // a checkpoint's time
			next := buildWith(t, h.store, func(o *turn.Options) {
				ways(t, m, keys, &script{})(o)
				o.Exclusive = true
			})
			if err := next.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			e := h.store.entries()
			if len(e) != 1 || !e[0].Lost() || e[0].Provider != "gemini" || e[0].Model != "other" || e[0].Price.Output != 5_000_000 ||
				e[0].Tokens.Output != int64(len(said)+3)/4 || e[0].CostMicroUSD != 3*e[0].Tokens.Input+5*e[0].Tokens.Output {
				t.Errorf("rows %+v", e)
			}
			if a := h.stored(req.ID); a.Model != other || a.State != conversation.Interrupted || conversation.PlainText(a.Parts) != said {
				t.Errorf("stored %+v", a)
			}
			if err := next.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// With a key of one's own nothing is held or charged.
func TestOnesOwnKeyIsNotCharged(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		h := openWays(t, m, ring{kept("mine", vault.User("u"), "openai"), kept("O", vault.Server(), "openai"), kept("G", vault.Server(), "gemini")},
			[]step{say("hi"), used(10, 20), stop()})
		got := read(t, h.begin(h.question("?")))
		if got.end.Answer.State != conversation.Complete || h.store.begun[0].Hold != nil {
			t.Errorf("ended %+v, with a hold of %+v", got.end.Answer, h.store.begun[0].Hold)
		}
		if e := h.store.entries()[0]; e.Charged || e.Reservation != "" || e.KeyID != "mine" || e.CostMicroUSD != 50 {
			t.Errorf("row %+v", e)
		}
		m.free(t)
		ephemeral := h.question("?")
		ephemeral.Ephemeral, ephemeral.Create = true, nil
		read(t, h.begin(ephemeral))
		if len(m.held) != 0 || len(m.settled) != 0 || len(h.store.entries()) != 2 || h.store.entries()[1].Charged {
			t.Errorf("held %v, settled %v, rows %+v", m.held, m.settled, h.store.entries())
		}
	})
}

// A key of one's own that is refused is said to be so, and nobody else's is taken.
func TestOnesOwnKeyIsRefused(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		h := openWays(t, m, ring{kept("mine", vault.User("u"), "openai"), kept("O", vault.Server(), "openai"), kept("G", vault.Server(), "gemini")},
			[]step{refused(fault.New(fault.ProviderAuth, "openai refused your own key."))})
		got := read(t, h.begin(h.question("?")))
		calls, _ := h.script.count()
		if a := got.end.Answer; calls != 1 || a.Model != model || a.ErrorCode != "provider_auth" || !strings.Contains(a.ErrorText, "your own key") || len(got.notices) != 0 {
			t.Errorf("%d calls, notices %v, ended %+v", calls, got.notices, a)
		}
		if len(h.store.entries()) != 0 {
			t.Errorf("rows %+v", h.store.entries())
		}
		m.free(t)
	})
}

// Where the other does not answer either, it is the one that was asked that failed.
func TestNobodyAnswersInItsPlace(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		h := openWays(t, m, ring{kept("O", vault.Server(), "openai"), kept("G", vault.Server(), "gemini")},
			[]step{refused(fault.New(fault.ProviderQuota, ""))}, []step{refused(fault.New(fault.ProviderAuth, ""))})
		got := read(t, h.begin(h.question("?")))
		if a := got.end.Answer; a.Model != model || a.ErrorCode != "provider_quota" || !strings.Contains(a.ErrorText, other) {
			t.Errorf("ended %+v", a)
		}
		m.free(t)
	})
}
