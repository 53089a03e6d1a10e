package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/store/aftermath"
	"github.com/aichat-term/aichat/server/usage"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/vault/seal"
)

// gatekeeper speaks Chat Completions to whoever shows a key that is not refused,
// and remembers who asked: by their keys without the canary.
type gatekeeper struct {
	url string

	mu     sync.Mutex
	refuse map[string]int // by key, with which status
	asked  []string       // model:key
}

func newGatekeeper(t *testing.T) *gatekeeper {
	t.Helper()
	g := &gatekeeper{refuse: map[string]int{}}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	g.url = srv.URL + "/v1"
	return g
}

func (g *gatekeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, model, _ := strings.Cut(string(body), `"model":"`)
	model, _, _ = strings.Cut(model, `"`)
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "+aftermath.Canary+"-")
	g.mu.Lock()
	status := g.refuse[key]
	g.asked = append(g.asked, model+":"+key)
	g.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"by %s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20}}\n\ndata: [DONE]\n\n", key)
}

// heard is who has asked since the last time.
func (g *gatekeeper) heard() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := strings.Join(g.asked, " ")
	g.asked = nil
	return all
}

func (g *gatekeeper) refuses(key string, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refuse[key] = status
}

// waysWorld is a world with a vault, in which the models of stub and other have
// prices, and other's stand in for stub's.
func waysWorld(t *testing.T, database string, change func(*server.Config)) *world {
	t.Helper()
	return newWorld(t, database, func(o *servertest.Options) {
		o.Plans, o.DefaultPlan = plansFile(t, "[plan.small]\nmodels = [\"stub/*\", \"other/*\"]\n[[plan.small.limit]]\nfor = \"account\"\nper = \"month\"\nusd = \"1\"\n"), "small"
		o.Providers = map[string]server.ProviderConfig{}
		o.Tune = func(c *server.Config) {
			c.MasterKey = setting.NewSecret(seal.NewMaster())
			c.Catalogue = plansFile(t, `{"models": [
				{"provider": "stub", "name": "talker", "price": {"input": 1000000, "cached_read": 0, "cached_write": 0, "output": 2000000}},
				{"provider": "other", "name": "deputy", "price": {"input": 10000000, "cached_read": 0, "cached_write": 0, "output": 20000000}}]}`)
			change(c)
		}
	})
}

// keep adds a key to the vault, and returns its id.
func (w *world) keep(owner vault.Owner, of, baseURL, secret string) vault.KeyID {
	w.t.Helper()
	k := vault.Key{ID: vault.KeyID(conversation.NewID()), Owner: owner, Provider: of, BaseURL: baseURL, Weight: 1}
	if err := w.server.Keep(w.t.Context(), k, vault.NewSecret(aftermath.Canary+"-"+secret)); err != nil {
		w.t.Fatal(err)
	}
	return k.ID
}

// ask asks a question and returns its end, what it was told beside the text, and
// the ledger's newest row.
func (w *world) ask() (wire.Message, []string, usage.Entry) {
	w.t.Helper()
	a := newAsking()
	events := w.begin(a).rest()
	_, end := ended(w.t, events)
	var notices []string
	for _, e := range events {
		if e.name == wire.EventNotice {
			notices = append(notices, string(e.data))
		}
	}
	rows, err := w.server.DB().Ledger().Entries(w.t.Context(), identity.AccountID(w.me().Account), time.Time{}, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	var row usage.Entry
	if len(rows) > 0 && rows[0].Turn == a.answer {
		row = rows[0]
	}
	return end.Message, notices, row
}

func (w *world) me() (me wire.Me) {
	w.t.Helper()
	w.call(http.StatusOK, "GET", wire.PathMe, nil, &me)
	return me
}

// A key of the operator's that is refused makes room for the next, rests, and is
// seen to be in trouble.
func TestTheNextKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		g := newGatekeeper(t)
		w := waysWorld(t, database, func(*server.Config) {})
		bad := w.keep(vault.Server(), "stub", g.url, "sk-bad")
		good := w.keep(vault.Server(), "stub", g.url, "sk-good")
		g.refuses("sk-bad", http.StatusUnauthorized)

		answer, notices, row := w.ask()
		if got := g.heard(); got != "talker:sk-bad talker:sk-good" {
			t.Errorf("asked %q", got)
		}
		if answer.State != wire.StateComplete || answer.Model != testModel || len(notices) != 0 {
			t.Errorf("answered %+v, with notices %v", answer, notices)
		}
		if row.KeyID != string(good) || row.Attempt != 2 || !row.Charged || row.CostMicroUSD != 140 {
			t.Errorf("row %+v", row)
		}
		for range 2 { // both would have had a turn
			if w.ask(); g.heard() != "talker:sk-good" {
				t.Error("the refused key does not rest")
			}
		}
		for id, want := range map[vault.KeyID]fault.Kind{bad: fault.ProviderAuth, good: fault.Internal} {
			if trouble, err := w.server.Trouble(t.Context(), id); err != nil || trouble.Kind != want || trouble.None() != (want == 0) {
				t.Errorf("key %s: %+v, %v", id, trouble, err)
			}
		}
	})
}

// Another provider's model answers in the place of one that does not, where the
// operator says so: the answer says which, and is paid for by that one's price.
func TestAnotherProviderAnswers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		g := newGatekeeper(t)
		w := waysWorld(t, database, func(c *server.Config) {
			c.Fallbacks = []string{testModel + " > nobody/has-this > other/deputy"}
			c.Providers["stub"] = server.ProviderConfig{BaseURL: g.url, Key: setting.NewSecret(aftermath.Canary + "-sk-config")}
		})
		w.keep(vault.Server(), "other", g.url, "sk-other")
		g.refuses("sk-config", http.StatusPaymentRequired)

		answer, notices, row := w.ask()
		if got := g.heard(); got != "talker:sk-config deputy:sk-other" {
			t.Errorf("asked %q", got)
		}
		if answer.State != wire.StateComplete || answer.Model != "other/deputy" || len(notices) != 1 || !strings.Contains(notices[0], `"fallback"`) {
			t.Errorf("answered %+v, with notices %v", answer, notices)
		}
		if row.Provider != "other" || row.Model != "deputy" || row.CostMicroUSD != 1400 || !row.Charged {
			t.Errorf("row %+v", row)
		}
		var limits wire.Limits
		w.call(http.StatusOK, "GET", wire.PathLimits, nil, &limits)
		if l := limits.Limits[0]; l.Used != 1400 || l.Held != 0 {
			t.Errorf("limits %+v", limits)
		}

		g.refuses("sk-other", http.StatusUnauthorized)
		answer, _, _ = w.ask()
		if answer.State != wire.StateFailed || answer.Model != testModel || answer.ErrorCode != "provider_quota" || !strings.Contains(answer.ErrorText, "other/deputy") {
			t.Errorf("nobody answers: %+v", answer)
		}
	})
}

// A key of one's own is used before the operator's and not charged; refused, it is
// said to be, and the operator's is not charged in its place.
func TestOnesOwnKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		g := newGatekeeper(t)
		w := waysWorld(t, database, func(c *server.Config) {
			c.PrivateHosts = []string{"127.0.0.1"}
			c.Fallbacks = []string{testModel + " > other/deputy"}
		})
		w.keep(vault.Server(), "stub", g.url, "sk-server")
		w.keep(vault.Server(), "other", g.url, "sk-other")
		own := w.keep(vault.User(identity.UserID(w.me().User)), "stub", g.url, "sk-own")

		answer, _, row := w.ask()
		if got := g.heard(); got != "talker:sk-own" || answer.State != wire.StateComplete {
			t.Errorf("asked %q, answered %+v", got, answer)
		}
		if row.KeyID != string(own) || row.Charged || row.Reservation != "" || row.CostMicroUSD != 140 {
			t.Errorf("row %+v", row)
		}
		g.refuses("sk-own", http.StatusUnauthorized)
		answer, notices, row := w.ask()
		if got := g.heard(); got != "talker:sk-own" || len(notices) != 0 || row.ID != "" {
			t.Errorf("asked %q, told %v, row %+v", got, notices, row)
		}
		if answer.State != wire.StateFailed || answer.ErrorCode != "provider_auth" || !strings.Contains(answer.ErrorText, "your own key") {
			t.Errorf("ended %+v", answer)
		}
		var limits wire.Limits
		w.call(http.StatusOK, "GET", wire.PathLimits, nil, &limits)
		if l := limits.Limits[0]; l.Used != 0 || l.Held != 0 {
			t.Errorf("limits %+v", limits)
		}
	})
}

// What others than the operator have stored leads nowhere that is private.
func TestAStoredAddressLeadsNowhere(t *testing.T) {
	t.Parallel()
	g := newGatekeeper(t)
	w := waysWorld(t, "", func(*server.Config) {})
	me := w.me()
	for _, owner := range []vault.Owner{vault.Account(identity.AccountID(me.Account)), vault.User(identity.UserID(me.User))} {
		w.keep(owner, "stub", g.url, "sk-own")
		answer, _, row := w.ask()
		if answer.State != wire.StateFailed || answer.ErrorCode != "forbidden" || row.ID != "" || g.heard() != "" {
			t.Errorf("%v: ended %+v, row %+v", owner, answer, row)
		}
	}
}
