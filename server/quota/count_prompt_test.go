package quota_test

import (
	"context"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/quota"
)

// TestAPromptIsCountedWhereItsGuessDecides: a prompt guessed at 1000 tokens that
// has 400, an answer of 500 at most, and so many tokens left.
func TestAPromptIsCountedWhereItsGuessDecides(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		left    int64
		counted int64 // 0: nobody can
		counts  int
		prompt  int64 // that is held; 0: refused
		told    int64 // the most that may be written
	}{
		{"far from a limit", 1_000_000, 400, 0, 1000, 500},
		{"just enough by the guess", 1500, 400, 0, 1000, 500},
		{"cut by the guess, not by the count", 1499, 400, 1, 400, 500},
		{"refused by the guess, not by the count", 1000, 400, 1, 400, 500},
		{"refused by the guess, cut by the count", 700, 400, 1, 400, 300},
		{"refused by both", 600, 400, 1, 0, 0},
		{"too little for any prompt", 200, 400, 0, 0, 0},
		{"a count that is more", 1400, 1100, 1, 1100, 300},
		{"cut, and nobody can count", 1499, 0, 0, 1000, 499},
		{"refused, and nobody can count", 1000, 0, 0, 0, 0},
	} {
		counts := 0
		a := ask(1000, 500)
		if tc.counted > 0 {
			a.Count = func(context.Context) int64 { counts++; return tc.counted }
		}
		plan := quota.Plan{ReserveOutput: 500, Limits: []quota.Limit{limit(quota.Tokens, tc.left)}}
		h, err := policy(&standing{}, plan).Admit(t.Context(), a)
		if counts != tc.counts {
			t.Errorf("%s: counted %d times, want %d", tc.name, counts, tc.counts)
		}
		if tc.prompt == 0 {
			if !fault.Is(err, fault.QuotaExhausted) {
				t.Errorf("%s: %v", tc.name, err)
			}
			continue
		}
		if err != nil || h.Worst.Prompt != tc.prompt || h.OutputWithin(500) != tc.told {
			t.Errorf("%s: %v, %+v", tc.name, err, h)
		}
	}
}

// TestAnAnswerThatIsCutAnywayCountsNothing: a plan for less than what a model can
// write would have each prompt counted otherwise.
func TestAnAnswerThatIsCutAnywayCountsNothing(t *testing.T) {
	t.Parallel()
	a := ask(1000, 500_000)
	a.Count = func(context.Context) int64 { t.Error("counted"); return 400 }
	h, err := policy(&standing{}, quota.Plan{Limits: []quota.Limit{limit(quota.Tokens, 100_000)}}).Admit(t.Context(), a)
	if err != nil || h.Worst.Prompt != 1000 || h.OutputWithin(500_000) != 99_000 {
		t.Errorf("%v, %+v", err, h)
	}
}
