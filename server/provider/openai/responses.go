package openai

import (
	"context"

	"github.com/aichat-term/aichat/server/provider"
)

// Responses speaks the Responses API. Nothing is stored at the vendor's, so the
// reasoning of models that reason travels encrypted in PartOpaque and goes back
// from there. It is safe for concurrent use.
type Responses struct {
	caller
	reasons func(model string) bool
}

var _ provider.Provider = (*Responses)(nil)

// NewResponses returns a Responses.
func NewResponses(o Options) *Responses {
	if o.Reasons == nil {
		o.Reasons = Reasons
	}
	return &Responses{caller: newCaller(o), reasons: o.Reasons}
}

// Stream implements provider.Provider.
func (r *Responses) Stream(ctx context.Context, to provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	events, err := r.stream(ctx, to, "/responses", responsesBody(to, req, r.reasons(req.Model)))
	if err != nil {
		return nil, err
	}
	s := &responseStream{}
	s.begin(events, s.readEvent)
	return s, nil
}
