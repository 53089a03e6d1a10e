package vault

import (
	"context"
	"time"
)

// Follow writes notes and, if others may change keys too, looks for changes, every
// so often until ctx ends; then it writes what is left, within a moment.
func (r *Ring) Follow(ctx context.Context, every time.Duration, others bool) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastNotes)
			defer cancel()
			r.flush(last)
			return
		case <-ticker.C:
		}
		r.flush(ctx)
		if others {
			r.look(ctx)
		}
	}
}

// lastNotes is how long the last notes may take.
const lastNotes = 2 * time.Second

func (r *Ring) flush(ctx context.Context) {
	if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
		r.options.Logger.WarnContext(ctx, "what came of provider keys cannot be noted", "error", err)
	}
}

func (r *Ring) look(ctx context.Context) {
	if err := r.Look(ctx); err != nil && ctx.Err() == nil {
		r.options.Logger.WarnContext(ctx, "it cannot be seen whether provider keys have changed", "error", err)
	}
}
