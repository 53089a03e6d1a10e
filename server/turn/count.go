package turn

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/provider"
)

// How long a turn waits for its prompt to be counted, and how many prompts are
// counted at once.
const (
	countWait    = 2 * time.Second
	countsAtOnce = 8
)

// gauge says how long the prompts of one turn are: by a guess, and where that would
// decide against the user, by the count of the model's own vendor. It is used by
// one goroutine.
type gauge struct {
	ratio provider.Ratio // of the model

	// ask counts a request; ok is false where nobody can, and the guess stands.
	ask func(ctx context.Context, r *provider.Request) (tokens int64, ok bool)

	// counted is the count of the request as it goes out; 0: there is none.
	counted int64
}

// gauge makes one for a route.
func (s *Service) gauge(way *provider.Route) *gauge {
	return &gauge{ratio: s.options.Ratios.Of(&way.Model), ask: func(ctx context.Context, r *provider.Request) (int64, bool) {
		return s.count(ctx, way, r)
	}}
}

// guesses makes a gauge that counts nothing.
func guesses(ratio provider.Ratio) *gauge {
	return &gauge{ratio: ratio, ask: func(context.Context, *provider.Request) (int64, bool) { return 0, false }}
}

// of is how long a prompt is that is guessed at so many tokens.
func (g *gauge) of(guess int64) int64 {
	if g.counted > 0 {
		return g.counted
	}
	return g.ratio.Of(guess)
}

// size is how long the request's prompt is, by its count or else by the guess.
func (g *gauge) size(r *provider.Request) int64 { return g.of(provider.EstimatePrompt(r)) }

// count has the request counted, unless it is already, and returns its size.
func (g *gauge) count(ctx context.Context, r *provider.Request) int64 {
	if g.counted == 0 {
		if n, ok := g.ask(ctx, r); ok {
			g.counted = n
		}
	}
	return g.size(r)
}

// count asks the vendor of a route how long a prompt is. It is no condition of
// anything: where the vendor does not say so in time, or too many are being
// counted, ok is false.
func (s *Service) count(ctx context.Context, way *provider.Route, r *provider.Request) (tokens int64, ok bool) {
	counter, can := way.Provider.(provider.Counter)
	if !can {
		return 0, false
	}
	select {
	case s.counting <- struct{}{}:
		defer func() { <-s.counting }()
	default:
		s.options.Logger.Debug("a prompt was not counted: too many are", "model", way.Model.ID())
		return 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, countWait)
	defer cancel()
	endpoint, err := s.options.Directory.Open(ctx, way.Endpoint)
	if err == nil {
		tokens, err = counter.Count(ctx, endpoint, r)
	}
	if err != nil {
		s.options.Logger.Debug("a prompt could not be counted", "model", way.Model.ID(), "error", err)
		return 0, false
	}
	return tokens, tokens > 0 && tokens <= provider.MostTokens
}
