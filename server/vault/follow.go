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
			r.warn(last, "what came of provider keys is not noted", r.Flush(last))
			return
		case <-ticker.C:
		}
		r.warn(ctx, "what came of provider keys cannot be noted", r.Flush(ctx))
		if others {
			r.warn(ctx, "it cannot be seen whether provider keys have changed", r.Look(ctx))
		}
	}
}

// lastNotes is how long the last notes may take.
const lastNotes = 2 * time.Second

func (r *Ring) warn(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		r.options.Logger.WarnContext(ctx, what, "error", err)
	}
}
