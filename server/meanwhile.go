package server

import (
	"context"
	"log/slog"

	"github.com/aichat-term/aichat/server/identity"
)

// loggedAudit writes security events to the log.
type loggedAudit struct{ log *slog.Logger }

func (a loggedAudit) Record(ctx context.Context, e identity.Event) error {
	a.log.LogAttrs(ctx, slog.LevelInfo, "security event", slog.String("what", string(e.What)),
		slog.String("user", string(e.User)), slog.String("session", e.Session))
	return nil
}

func (loggedAudit) Events(context.Context, identity.EventFilter) ([]identity.Event, error) {
	return nil, nil
}

// noExternals are the identities of users who have none.
type noExternals struct{ identity.Externals }

func (noExternals) ExternalsOf(context.Context, identity.UserID) ([]identity.External, error) {
	return nil, nil
}

// noBrowsers are signed in.
type noBrowsers struct{}

func (noBrowsers) RemoveBrowsers(context.Context, identity.UserID) error { return nil }
