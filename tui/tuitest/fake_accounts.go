package tuitest

import (
	"context"
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// Limits implements tui.Accounts.
func (f *Fake) Limits(ctx context.Context) (wire.Limits, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Limits{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.Allowance
	l.Limits = slices.Clone(l.Limits)
	return l, nil
}

// Usage implements tui.Accounts.
func (f *Fake) Usage(ctx context.Context, by, zone string) (wire.UsageSummary, error) {
	if err := f.hang(ctx); err != nil {
		return wire.UsageSummary{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.Used[by]
	s.By = by
	if s.TimeZone == "" {
		s.TimeZone = zone
	}
	return s, nil
}

// Advice implements tui.Accounts.
func (f *Fake) Advice(ctx context.Context, _ string) (wire.AdviceReport, error) {
	if err := f.hang(ctx); err != nil {
		return wire.AdviceReport{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Advised, nil
}

// Rate implements tui.Accounts.
func (f *Fake) Rate(ctx context.Context, message string, r wire.NewRating) (wire.Rating, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Rating{}, err
	}
	rating := wire.Rating{Value: r.Value, Reason: r.Reason}
	return rating, f.setRating(message, &rating)
}

// Unrate implements tui.Accounts.
func (f *Fake) Unrate(ctx context.Context, message string) error {
	if err := f.hang(ctx); err != nil {
		return err
	}
	return f.setRating(message, nil)
}

func (f *Fake) setRating(id string, r *wire.Rating) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, all := range f.messages {
		for i := range all {
			if all[i].ID == id {
				all[i].Rating = r
				return nil
			}
		}
	}
	return &tui.Failure{Code: wire.NotFound, Text: "There is no such message."}
}

// SetAllowance sets Allowance while the Fake is in use, and tells that something
// has changed.
func (f *Fake) SetAllowance(l wire.Limits) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Allowance = l
	f.tell()
}
