package store

import (
	"context"
	"errors"

	"github.com/aichat-term/aichat/server/fault"
)

// Errors by which a transaction's body talks to tx; none of them leaves it.
var (
	// errNothing: there is nothing to do; roll back and report success.
	errNothing = errors.New("store: nothing to do")
	// errAgain: somebody was faster, look again; roll back and repeat.
	errAgain = errors.New("store: once more")
)

// none is the fault for a place without a database of ours.
func none(database string) error {
	return fault.Wrap(ErrNone, fault.Unavailable, "There is no database at %s.", Place(database))
}

// commitError marks a failed commit, of which nobody knows whether it happened.
type commitError struct{ error }

func (e commitError) Unwrap() error { return e.error }

// fault makes a fault of whatever a database function returned.
func (db *DB) fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return fault.Of(context.Cause(ctx))
	}
	return db.dialect.fault(err)
}

func (d *dialect) fault(err error) error {
	switch d.classify(err) {
	case diskFull:
		return fault.Wrap(err, fault.Unavailable,
			"The database's disk is full: nothing more can be stored until there is room.")
	case readOnly:
		return fault.Wrap(err, fault.Unavailable,
			"The database cannot be written: check the permissions of its file and folder, or the server's mode.")
	case corrupt:
		return fault.Wrap(err, fault.Unavailable,
			"The database is damaged, or is no database of ours; restore it from a backup.")
	case lost:
		return fault.Wrap(err, fault.Unavailable, "The database cannot be reached right now; try again in a moment.")
	case busy, again:
		return fault.Wrap(err, fault.Unavailable, "The database is too busy right now; try again in a moment.")
	case other, conflict, ledgerRow:
	}
	return fault.Of(err)
}
