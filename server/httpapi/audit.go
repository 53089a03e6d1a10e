package httpapi

import (
	"context"
	"log/slog"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

// longestDetail bounds a stranger's words in an event, in bytes.
const longestDetail = 200

// record appends a security event. What it tells of has happened: that it cannot
// be recorded is logged, and undoes nothing.
func (a *API) record(ctx context.Context, e identity.Event) {
	e.ID, e.At = conversation.NewID(), a.Now()
	// Whoever asked may have gone; the event stays true.
	if err := a.Audit.Record(context.WithoutCancel(ctx), e); err != nil {
		a.log.LogAttrs(ctx, slog.LevelError, "security event not recorded",
			slog.String("what", string(e.What)), slog.String("user", string(e.User)), slog.Any("error", err))
	}
}
