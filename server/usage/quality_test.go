package usage_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

func TestQualities(t *testing.T) {
	t.Parallel()
	endings := []usage.Ending{
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Completed, Finish: provider.Stop, Calls: 10, MicroUSD: 100},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Completed, Finish: provider.Length, Calls: 2, MicroUSD: 5},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Completed, Finish: provider.Refusal, Calls: 1},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Completed, Finish: provider.Filter, Calls: 1},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Failed, ErrorCode: "provider_truncated", Calls: 3, Retries: 1},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Failed, ErrorCode: "provider_failed", Calls: 4},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Failed, ErrorCode: "provider_refused", Calls: 1},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Cancelled, Calls: 5},
		{Model: "p/a", Kind: usage.Answer, Outcome: usage.Interrupted, Calls: 6},
		{Model: "p/a", Kind: usage.Title, Outcome: usage.Failed, ErrorCode: "provider_failed", Calls: 99},
		{Model: "p/b", Kind: usage.Answer, Outcome: usage.Completed, Calls: 40},
	}
	var took []usage.Took
	for i := 1; i <= 100; i++ {
		took = append(took, usage.Took{Model: "p/a", FirstToken: time.Duration(101-i) * time.Millisecond, Total: time.Duration(i) * time.Second, Completed: i <= 50})
	}
	took = append(took, usage.Took{Model: "p/c", Total: time.Second})
	got := usage.Qualities(endings, took, []usage.Rated{{Model: "p/a", Up: 3, Down: 1}})
	want := []usage.Quality{
		{Model: "p/b", Calls: 40, Completed: 40},
		{Model: "p/a", Calls: 33, Retries: 1, Completed: 14, Failed: 8, Cancelled: 5, Interrupted: 6, Refused: 3, Truncated: 5,
			Errors:     []usage.ErrorCount{{Code: "provider_failed", Calls: 4}, {Code: "provider_truncated", Calls: 3}, {Code: "provider_refused", Calls: 1}},
			FirstToken: usage.Percentiles{P50: 50 * time.Millisecond, P95: 95 * time.Millisecond},
			Total:      usage.Percentiles{P50: 25 * time.Second, P95: 48 * time.Second}, Measured: 100, Up: 3, Down: 1, MicroUSD: 105},
		{Model: "p/c", Measured: 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}
