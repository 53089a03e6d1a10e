package provider

import "context"

// Counter is a Provider that can say, free of charge, how many tokens a prompt
// is: by asking its vendor, or by a tokenizer. That takes time before the first
// token of the answer, so it is asked only where EstimatePrompt would decide
// something against the caller. It is safe for concurrent use.
type Counter interface {
	// Count is how many tokens the request's prompt has for its model: the system
	// prompt and all messages. Nothing is generated. Its faults are Stream's; ctx
	// bounds it.
	Count(ctx context.Context, of Endpoint, req *Request) (int64, error)
}
