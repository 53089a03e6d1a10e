package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/aichat-term/aichat/migrations"
	"github.com/aichat-term/aichat/server/conversation"
)

// dialect is what differs between the databases.
type dialect struct {
	name      string
	exclusive bool
	goose     goose.Dialect
	steps     fs.FS

	// now is the database's clock in microseconds, the same for every process.
	now string

	// skipLocked ends a subquery that picks rows to be changed: it locks them
	// and passes over those that another transaction holds. SQLite has but one
	// writer at a time, so there is nothing to pass over.
	skipLocked string

	// share ends a query that keeps the rows it reads from being changed until the
	// transaction ends. SQLite's one writer needs none.
	share string

	// snapshot is the level at which all reads of a transaction see one moment.
	snapshot sql.IsolationLevel

	// hasMeta counts the tables called meta.
	hasMeta string

	// placesTaken selects which of some places are taken; %s is their list. A
	// place is unique in the account, on SQLite in the whole file ($1 is the
	// account).
	placesTaken string

	// json makes JSON as the database keeps it of a text, %s.
	json string

	search

	classes func(error) class
}

// classify says what an error means; nil and what the database did not report
// are other.
func (d *dialect) classify(err error) class {
	if err == nil {
		return other
	}
	return d.classes(err)
}

// class is what an error of the database means to us.
type class uint8

const (
	other     class = iota
	conflict        // a unique key is taken, or a row referred to is missing
	again           // serialization failure or deadlock: the transaction may be repeated
	lost            // the connection is gone or cannot be made
	busy            // no connection or lock to be had in time
	diskFull        //
	readOnly        //
	corrupt         // the file is damaged, or is no database
	ledgerRow       // somebody tried to change the ledger
)

var liteDialect = dialect{
	name:      "sqlite",
	exclusive: true,
	goose:     goose.DialectSQLite3,
	steps:     migrations.SQLite(),
	now:       `CAST(unixepoch('subsec') * 1000000 AS BIGINT)`,
	hasMeta:   `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'`,

	placesTaken: `SELECT place FROM messages WHERE $1 <> '' AND place IN (%s)`,
	json:        `jsonb(%s)`,
	search:      liteSearch,
	classes:     classifyLite,
}

var pgDialect = dialect{
	name:       "postgres",
	goose:      goose.DialectPostgres,
	steps:      migrations.Postgres(),
	now:        `CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)`,
	skipLocked: `FOR UPDATE SKIP LOCKED`,
	share:      ` FOR SHARE`,
	snapshot:   sql.LevelRepeatableRead,
	hasMeta: `SELECT count(*) FROM pg_catalog.pg_tables
		WHERE schemaname = current_schema() AND tablename = 'meta'`,

	placesTaken: `SELECT place FROM messages WHERE account_id = $1 AND place IN (%s)`,
	json:        `CAST(%s AS JSONB)`,
	search:      pgSearch,
	classes:     classifyPG,
}

// classifyLite reads SQLite's result codes (https://sqlite.org/rescode.html).
func classifyLite(err error) class {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return other
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		if e.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER {
			return ledgerRow
		}
		return conflict
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return busy
	case sqlite3.SQLITE_FULL:
		return diskFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return readOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return corrupt
	case sqlite3.SQLITE_IOERR:
		return lost
	}
	return other
}

// classifyPG reads SQLSTATE codes (PostgreSQL documentation, appendix A) and the
// driver's own ways to say that the connection is gone.
func classifyPG(err error) class {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifySQLState(e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return lost
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return lost
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") { // pgx has no exported value for it
		return lost
	}
	return other
}

func classifySQLState(code string) class {
	switch code {
	case "23505", "23503":
		return conflict
	case "40001", "40P01":
		return again
	case "53100":
		return diskFull
	case "25006":
		return readOnly
	case "57P01", "57P02", "57P03", "57P05":
		return lost
	case "53300", "55P03":
		return busy
	case "P0001":
		return ledgerRow
	case "XX001", "XX002":
		return corrupt
	}
	if strings.HasPrefix(code, "08") {
		return lost
	}
	return other
}

// search is how the databases index and find words.
type search struct {
	// index stores the words of messages, each under its place, or sees to it
	// that a search will find them.
	index func(ctx context.Context, q querier, some []conversation.Message, places []int64) error

	// remove takes a conversation's messages out of the index.
	remove string

	// removeAll takes an account's messages out of the index.
	removeAll string

	// find returns the steps of a search. Each selects hits, the newest first,
	// as hitColumns; the next is taken if the page is not full.
	find func(s searching) []step
}

// step is a query with its arguments.
type step struct {
	query string
	args  []any
}
