package visitor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/visitor"
	"github.com/aichat-term/aichat/server/visitor/visitortest"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	visitortest.Limiters(t, func(_ *testing.T, now func() time.Time) visitor.Limits { return visitor.Alone(now) })
}

// TestMemory: with many visitors those are forgotten that stayed away longest.
func TestMemory(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := visitor.NewLimit(visitor.Rate{Burst: 1, Every: time.Hour}, func() time.Time { return at })
	l.Take("first")
	l.Take("second")
	for i := range visitor.Kept - 1 {
		l.Take(fmt.Sprint(i))
		if l.Take("first") == 0 {
			t.Fatalf("one that keeps coming was forgotten after %d others", i)
		}
	}
	if l.Take("second") != 0 {
		t.Error("one that stayed away is remembered")
	}
	if n := l.Len(); n != visitor.Kept {
		t.Errorf("%d are remembered, want %d", n, visitor.Kept)
	}
}
