package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

const eventColumns = `id, at, what, user_id, by_whom, session_id, address, detail`

func scanEvent(rows *sql.Rows) (e identity.Event, err error) {
	var at int64
	err = rows.Scan(&e.ID, &at, &e.What, &e.User, &e.By, &e.Session, &e.Address, &e.Detail)
	e.At = fromMicros(at)
	return e, err
}

// Record implements identity.Audit. An event without an id gets one, and one
// without a time is of now. What the databases cannot keep is replaced: an event
// with a strange text is worth more than none.
func (s *Identities) Record(ctx context.Context, e identity.Event) error {
	if e.ID == "" {
		e.ID = conversation.NewID()
	}
	if e.At.IsZero() {
		e.At = s.db.now()
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO audit_events (`+eventColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT DO NOTHING`, e.ID, micros(e.At), e.What, e.User, keepable(e.By), e.Session, keepable(e.Address), keepable(e.Detail))
		return err
	})
}

// keepable is a text that both databases keep.
func keepable(s string) string {
	const unknown = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(s, unknown), "\x00", unknown)
}

// The lengths of lists of events.
const (
	fewEvents  = 100
	mostEvents = 1000
)

// Events implements identity.Audit.
func (s *Identities) Events(ctx context.Context, f identity.EventFilter) (all []identity.Event, err error) {
	query, args := `SELECT `+eventColumns+` FROM audit_events WHERE at >= $1`, []any{micros(f.Since)}
	if f.User != "" {
		args = append(args, f.User)
		query += ` AND user_id = ` + placeholder(len(args))
	}
	if f.What != "" {
		args = append(args, f.What)
		query += ` AND what = ` + placeholder(len(args))
	}
	if f.Limit <= 0 {
		f.Limit = fewEvents
	}
	args = append(args, min(f.Limit, mostEvents))
	query += ` ORDER BY at DESC, id DESC LIMIT ` + placeholder(len(args))
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanEvent, query, args...)
		return err
	})
	return all, err
}

// PruneEvents removes the events before a moment and returns how many went.
func (s *Identities) PruneEvents(ctx context.Context, before time.Time) (int64, error) {
	return s.db.sweep(ctx, over{`audit_events`, `id`, `at < $1`}, before)
}
