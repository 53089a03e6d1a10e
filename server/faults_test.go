package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/anthropic/anthropictest"
	"github.com/aichat-term/aichat/server/provider/gemini/geminitest"
	"github.com/aichat-term/aichat/server/provider/openai/openaitest"
	"github.com/aichat-term/aichat/server/provider/providertest"
	"github.com/aichat-term/aichat/server/servertest"
)

// Promise 18: whatever a provider sends ends in one explicit terminal event and
// a stored answer that holds what had arrived.
func TestFaultsOfEveryVendor(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]providertest.Vendor{
		"anthropic":        anthropictest.Vendor(),
		"gemini":           geminitest.Vendor(),
		"openai-responses": openaitest.Responses(),
		"openai-chat":      openaitest.Compatible(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults := providertest.Faults(v)
			providers := map[string]server.ProviderConfig{}
			for i, f := range faults {
				upstream := httptest.NewServer(f.Serve)
				t.Cleanup(upstream.Close)
				providers[fmt.Sprintf("f%d", i)] = server.ProviderConfig{
					BaseURL: upstream.URL + v.Suffix, API: string(v.API), Key: setting.NewSecret(providertest.Key),
				}
			}
			w := newWorld(t, "", func(o *servertest.Options) {
				o.Providers = providers
				o.Server.Generate.Backoff = time.Millisecond
				o.Server.Generate.Patience = time.Millisecond
			})
			for i, f := range faults {
				t.Run(f.Name, func(t *testing.T) {
					t.Parallel()
					w := &world{t: t, server: w.server, http: w.http, token: w.token, vendor: w.vendor}
					w.checkFault(fmt.Sprintf("f%d/%s", i, providertest.Model), f.Want)
				})
			}
		})
	}
}

func (w *world) checkFault(model string, want providertest.Outcome) {
	w.t.Helper()
	a := newAsking()
	body := a.body()
	body.Model = model
	heard := w.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body).rest()
	name, end := ended(w.t, heard)
	m, stored := w.answer(a)
	if shown := text(w.t, heard); shown != want.Text || stored != want.Text {
		w.t.Errorf("shown %q, stored %q, want %q", shown, stored, want.Text)
	}
	if m.State != end.Message.State || m.ErrorCode != end.Message.ErrorCode || m.Finish != end.Message.Finish {
		w.t.Errorf("told %+v, stored %+v", end.Message, m)
	}
	if want.Kind == fault.Internal {
		if name != wire.EventCompleted || m.Finish != string(want.Finish) {
			w.t.Errorf("%s, %+v; want it complete with %s", name, m, want.Finish)
		}
		return
	}
	if name != wire.EventFailed || string(m.ErrorCode) != want.Kind.String() || m.ErrorText == "" {
		w.t.Errorf("%s, %+v; want %s", name, m, want.Kind)
	}
}

// Promise 19: silence is ended by a code of its own.
func TestSilentProvider(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		says []string
	}{
		{"before the first word", nil},
		{"in mid-answer", []string{"Well"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "", func(o *servertest.Options) {
				o.Server.Generate.FirstToken = 100 * time.Millisecond
				o.Server.Generate.Silence = 100 * time.Millisecond
			})
			a := newAsking()
			w.vendor.say(tc.says...)
			name, end := ended(t, w.begin(a).rest())
			if name != wire.EventFailed || end.Message.ErrorCode != wire.ProviderTimeout {
				t.Errorf("%s %+v", name, end.Message)
			}
			<-w.vendor.gone
		})
	}
}

// An endpoint that takes no notice of the limit that it is given is left soon after
// it, and what has come until then is kept and paid.
func TestProviderThatDoesNotStop(t *testing.T) {
	t.Parallel()
	const asked, most = 100, 100*16 + 16<<10
	w := newWorld(t, "")
	w.vendor.say(slices.Repeat([]string{strings.Repeat("x", 1000)}, 100)...)
	a := newAsking()
	body := a.body()
	body.MaxTokens = new(int64(asked))
	heard := w.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body).rest()
	name, _ := ended(t, heard)
	m, stored := w.answer(a)
	if name != wire.EventFailed || m.ErrorCode != wire.ProviderMalformed || !strings.Contains(m.ErrorText, "100 tokens at most") {
		t.Errorf("%s, %+v", name, m)
	}
	if len(stored) > most || len(stored) < most/2 || stored != text(t, heard) {
		t.Errorf("%d bytes stored, %d told", len(stored), len(text(t, heard)))
	}
	if m.Usage == nil || m.Usage.Output != most/4 {
		t.Errorf("charged %+v", m.Usage)
	}
	<-w.vendor.gone
}

// Promise 21: what fails before the first token is tried again, and nothing is
// after it.
func TestRetrying(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	calls := 0
	flaky := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		v.ServeHTTP(w, r)
	}))
	t.Cleanup(flaky.Close)
	w := newWorld(t, "", func(o *servertest.Options) {
		o.Server.Generate.Backoff = time.Millisecond
		o.Providers["stub"] = server.ProviderConfig{BaseURL: flaky.URL + "/v1"}
	})
	v.say("at last", "")
	heard := w.begin(newAsking()).rest()
	if name, _ := ended(t, heard); name != wire.EventCompleted || text(t, heard) != "at last" {
		t.Errorf("%v", names(heard))
	}
	notices := 0
	for _, ev := range heard {
		if ev.name == wire.EventNotice {
			notices++
		}
	}
	if calls != 3 || notices != 2 {
		t.Errorf("%d calls, %d notices", calls, notices)
	}
}
