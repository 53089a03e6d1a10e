package httpapi

import (
	"net/http"
	"slices"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

func TestFailuresAreTotal(t *testing.T) {
	t.Parallel()
	codes := map[wire.Code]bool{}
	for _, kind := range fault.Kinds() {
		f, ok := failures[kind]
		switch {
		case !ok:
			t.Errorf("%s has no failure", kind)
		case string(f.code) != kind.String():
			t.Errorf("%s has the code %s", kind, f.code)
		case f.status < 400 || http.StatusText(f.status) == "":
			t.Errorf("%s has the status %d", kind, f.status)
		case codes[f.code]:
			t.Errorf("%s is the code of two kinds", f.code)
		}
		codes[f.code] = true
	}
	for _, code := range wire.Codes() {
		if !codes[code] {
			t.Errorf("no kind has the code %s", code)
		}
	}
	if len(failures) != len(fault.Kinds()) {
		t.Errorf("%d failures for %d kinds", len(failures), len(fault.Kinds()))
	}
}

func TestProvidersRefusalsAreNotOurs(t *testing.T) {
	t.Parallel()
	ours := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusPaymentRequired}
	for kind, f := range failures {
		if kind >= fault.ProviderAuth && slices.Contains(ours, f.status) {
			t.Errorf("%s answers %d, which speaks of our own sign-in or limits", kind, f.status)
		}
	}
}
