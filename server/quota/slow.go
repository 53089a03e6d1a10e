package quota

import (
	"fmt"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/usage"
)

// The rates, as refusals and programs name them.
const (
	Streams           = "streams"
	SessionStreams    = "session_streams"
	RequestsPerMinute = "requests_per_minute"
	TokensPerMinute   = "tokens_per_minute"
)

// of is one of the rates; zero where it limits nothing, and for what is no rate.
func (r Rates) of(rate string) int64 {
	switch rate {
	case Streams:
		return r.Streams
	case SessionStreams:
		return r.SessionStreams
	case RequestsPerMinute:
		return r.RequestsPerMinute
	case TokensPerMinute:
		return r.TokensPerMinute
	}
	return 0
}

// streamWait is when to come back where too many answers run: nobody knows when
// the next ends.
const streamWait = 5 * time.Second

// Refuse is the RateLimited fault with which a Pacer refuses a call by one of
// the rates, the same whoever keeps them: of the streams with how many run, of
// what counts by the minute with how long to wait.
func (r Rates) Refuse(rate string, running int64, wait time.Duration) error {
	switch rate {
	case Streams:
		return tooFast(rate, streamWait, answers(running)+" running already, the most that the plan allows at once")
	case SessionStreams:
		return tooFast(rate, streamWait, answers(running)+" running already for this sign-in, the most that the plan allows at once")
	case RequestsPerMinute:
		return tooFast(rate, wait, fmt.Sprintf("The plan allows %s a minute", quantityOf(r.RequestsPerMinute, "question")))
	}
	return tooFast(rate, wait, fmt.Sprintf("The plan allows %s a minute, and this question does not fit what is left of them", Quantity(Tokens, r.TokensPerMinute)))
}

func answers(n int64) string {
	if n == 1 {
		return "1 answer is"
	}
	return usage.Grouped(n) + " answers are"
}

func quantityOf(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return usage.Grouped(n) + " " + what + "s"
}

// tooFast is a rate's refusal.
func tooFast(rate string, wait time.Duration, why string) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return &fault.Error{Kind: fault.RateLimited, Subject: rate, RetryAfter: wait,
		Message: why + "; try again in " + quantityOf(seconds, "second") + "."}
}
