package upstream

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		after, afterMS string
		want           time.Duration
	}{
		{"", "", 0},
		{"7", "", 7 * time.Second},
		{"0.25", "", 250 * time.Millisecond},
		{"7", "1500", 1500 * time.Millisecond},
		{"7", "soon", 7 * time.Second},
		{"0", "", 0},
		{"-3", "", 0},
		{"NaN", "", 0},
		{"Inf", "", maxRetryAfter},
		{"1e300", "", maxRetryAfter},
		{"soon", "", 0},
		{"Sun, 01 Mar 2026 12:01:30 GMT", "", 90 * time.Second},
		{"Sunday, 01-Mar-26 12:01:30 GMT", "", 90 * time.Second},
		{"Sun, 01 Mar 2026 11:00:00 GMT", "", 0},
		{"Sun, 01 Mar 2099 12:00:00 GMT", "", maxRetryAfter},
	} {
		h := http.Header{}
		h.Set("Retry-After", tc.after)
		h.Set("Retry-After-Ms", tc.afterMS)
		if got := retryAfter(h, now); got != tc.want {
			t.Errorf("Retry-After %q, ms %q: %v, want %v", tc.after, tc.afterMS, got, tc.want)
		}
	}
	if got := seconds(math.NaN()); got != 0 {
		t.Errorf("NaN seconds: %v", got)
	}
}

func TestEveryErrorStatusHasAKind(t *testing.T) {
	t.Parallel()
	for status := 300; status < 600; status++ {
		if KindOf(status) == fault.Internal {
			t.Errorf("status %d is nobody's fault", status)
		}
	}
	if KindOf(http.StatusOK) != fault.Internal {
		t.Error("200 is a fault")
	}
}

func TestTheSentenceForARefusedKey(t *testing.T) {
	t.Parallel()
	c := New(Options{KeyVariables: map[string]string{"acme": "ACME_API_KEY"}})
	key := vault.NewSecret("k")
	for _, tc := range []struct {
		to   provider.Endpoint
		want string
	}{
		{provider.Endpoint{Provider: "acme", Key: key, KeyID: "env"}, "acme refused its key; check ACME_API_KEY."},
		{provider.Endpoint{Provider: "acme", Key: key, KeyID: "0197"}, "acme refused its key; check the key that is configured for it."},
		{provider.Endpoint{Provider: "acme", Key: key, KeyID: "0197", Owner: vault.OfServer}, "acme refused this server's key: the server's operator has to replace it (aichat-server keys)."},
		{provider.Endpoint{Provider: "acme", Owner: vault.OfServer}, "acme wants a key, and this server has none for it: its operator has to add one."},
		{provider.Endpoint{Provider: "acme", Key: key, KeyID: "0197", Owner: vault.OfUser}, "acme refused your own key, and no other is used in its place; see aichat keys to replace or remove it."},
		{provider.Endpoint{Provider: "acme", Key: key, KeyID: "0197", Owner: vault.OfAccount}, "acme refused the key of your account, and no other is used in its place; see aichat keys --account to replace or remove it."},
		{provider.Endpoint{Provider: "mine", Key: key, KeyID: "env"}, "mine refused its key; check the key that is configured for it."},
		{provider.Endpoint{Provider: "acme"}, "acme wants a key; set ACME_API_KEY."},
		{provider.Endpoint{Provider: "mine"}, "mine wants a key, and none is configured."},
	} {
		got := c.fault(tc.to, http.StatusUnauthorized, Trouble{Message: "Incorrect key: sk-…1234"})
		kind := fault.ProviderAuth
		if tc.to.Key.Empty() {
			kind = fault.NoKey
		}
		if got.Kind != kind || got.Public() != tc.want {
			t.Errorf("%v: %q, want %q", got.Kind, got.Public(), tc.want)
		}
	}
}
