package generate

import (
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// errSilent is the cause with which the watchdog ends an attempt.
var errSilent = fault.New(fault.ProviderTimeout, "")

// patience is how long an attempt may be silent that begins now.
func (o *Options) patience(to *provider.Endpoint) time.Duration {
	if beginsAtOnce(to) {
		return min(o.Response, o.FirstToken)
	}
	return o.FirstToken
}

// beginsAtOnce reports whether an endpoint is known to begin its response at once,
// however long a model then thinks: the vendors' own addresses of Messages and of
// Responses. Gemini's has been seen to take minutes where it is crowded, and what is
// behind any other address may be loading a model, or reading a long prompt slowly.
func beginsAtOnce(e *provider.Endpoint) bool {
	return e.BaseURL == "" && (e.API == provider.Anthropic || e.API == provider.OpenAIResponses)
}

// alive is how long an attempt may be silent that has just brought something.
func (o *Options) alive(told bool) time.Duration {
	if told {
		return o.Silence
	}
	return o.FirstToken
}

// hushed is err, the end of an attempt, as it is told where silence is the reason:
// before the first token it is an answer that never began.
func (a *attempt) hushed(err error) error {
	if a.silent && !a.told {
		return fault.New(fault.ProviderTimeout, "%s has taken the question and does not answer.", a.route.Model.Provider)
	}
	return err
}
