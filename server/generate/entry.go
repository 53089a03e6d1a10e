package generate

import (
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// billable reports whether the provider may bill the attempt: it took the
// request. One that was refused leaves no row, also where the refusal of the key
// came as the first thing of a stream: some vendors answer 200 before they look.
func (a *attempt) billable() bool { return a.accepted && !a.unserved() }

// unserved reports whether the key was refused within the stream, and nothing
// else came of it.
func (a *attempt) unserved() bool {
	return a.err != nil && !a.reported && a.bytes == 0 && ofTheKey(fault.Of(a.err).Kind)
}

// entry is the attempt's row of the ledger.
func (a *attempt) entry() usage.Entry {
	call, m := a.call, &a.route.Model
	tokens, source := a.tokens()
	e := usage.Entry{
		Account: call.Account, ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: a.ended,
		Member: call.Member, Kind: call.Kind, Turn: call.Turn, Conversation: call.Conversation,
		Attempt: a.number, Provider: m.Provider, Model: m.Name,
		KeyID: a.route.Endpoint.KeyID, RequestID: a.requestID,
		Tokens: tokens, Source: source,
		Charged: call.Charged, Reservation: call.Reservation,
		Outcome: outcome(a.err), Total: max(a.ended.Sub(a.started), time.Microsecond),
	}
	if p := m.PriceAt(a.started, tokens.Prompt()); p != nil {
		e.PriceKnown, e.Price, e.CostMicroUSD = true, *p, p.Cost(tokens)
	}
	if e.Outcome == usage.Completed {
		e.Finish = a.finish
	}
	if e.Outcome == usage.Failed {
		e.ErrorCode = fault.Of(a.err).Kind.String()
	}
	if !a.firstToken.IsZero() {
		e.FirstToken = a.firstToken.Sub(a.started)
	}
	return e
}

// bytesPerToken is the usual ratio of English text, for an answer whose tokens
// nobody counted.
const bytesPerToken = 4

// tokens is what the attempt used. Of a complete answer the provider's word is
// taken, if it is credible. Where it reported nothing (or zero, for a prompt or an
// answer that is there), or what cannot be true, or the answer broke off before the
// final count, the larger of what it said and what we can see is taken, and flagged:
// a broken answer is billed all the same.
func (a *attempt) tokens() (provider.Usage, usage.Source) {
	used, _ := a.usage.Credible(&a.route.Model)
	believed := used.Prompt() == a.usage.Prompt() && used.Output == a.usage.Output
	whole := used.Prompt() > 0 && (used.Output > 0 || a.bytes == 0)
	if a.err == nil && believed && whole {
		return used, usage.Reported
	}
	if used.Prompt() == 0 {
		used.Input = max(1, a.call.promptTokens())
	}
	used.Output = max(used.Output, int64(a.bytes+bytesPerToken-1)/bytesPerToken)
	if !believed {
		return used, usage.Disbelieved
	}
	return used, usage.Estimated
}

func outcome(err error) usage.Outcome {
	if err == nil {
		return usage.Completed
	}
	switch fault.Of(err).Kind {
	case fault.Canceled:
		return usage.Cancelled
	case fault.Interrupted:
		return usage.Interrupted
	}
	return usage.Failed
}

// Lost is the row of a call that began at some time and whose process died in the
// middle: all that is left is the request and how many bytes of the answer had
// been stored.
func Lost(call Call, stored int, began, now time.Time) usage.Entry {
	a := attempt{call: &call, route: &call.Route, number: 1, started: began, ended: now, accepted: true,
		bytes: stored, err: fault.New(fault.Interrupted, "")}
	e := a.entry()
	e.Total = 0 // nobody saw its end
	return e
}
