package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
)

func TestEveryKindHasANameAndASentence(t *testing.T) {
	t.Parallel()
	seen := map[string]fault.Kind{}
	for _, k := range fault.Kinds() {
		if k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
		if other, dup := seen[k.String()]; dup {
			t.Errorf("kinds %d and %d share the name %q", k, other, k)
		}
		seen[k.String()] = k
		if s := (&fault.Error{Kind: k}).Public(); !strings.HasSuffix(s, ".") {
			t.Errorf("%v: sentence %q does not end as one", k, s)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	for _, tc := range []struct {
		name string
		err  error
		want fault.Kind
	}{
		{"a fault", fault.New(fault.NotFound, "no"), fault.NotFound},
		{"a wrapped fault", fmt.Errorf("while: %w", fault.New(fault.TooLarge, "")), fault.TooLarge},
		{"cancelled", fmt.Errorf("x: %w", context.Canceled), fault.Canceled},
		{"deadline", context.DeadlineExceeded, fault.Timeout},
		{"anything else", cause, fault.Internal},
	} {
		if got := fault.Of(tc.err).Kind; got != tc.want {
			t.Errorf("%s: kind %v, want %v", tc.name, got, tc.want)
		}
	}
	if fault.Of(nil) != nil {
		t.Error("Of(nil) is not nil")
	}
}

func TestTheCauseIsNotPublic(t *testing.T) {
	t.Parallel()
	err := fault.Wrap(errors.New("sk-secret"), fault.Internal, "")
	if strings.Contains(err.Public(), "sk-secret") {
		t.Error("the public sentence shows the cause")
	}
	if !strings.Contains(err.Error(), "sk-secret") {
		t.Error("the log line hides the cause")
	}
}
