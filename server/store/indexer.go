package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

// indexer brings SQLite's search index up to date, about a second behind the
// messages: many at a time cost a fraction of what they cost one by one, since
// every transaction that changes the index writes a segment of it, and segments
// have to be merged.
//
// What is not indexed yet stands in words_due, which is written in a message's
// own transaction. So nothing is lost with the process, and nothing else needs
// to be remembered: a message that was removed meanwhile is not found there any
// more. A search catches up before it reads, so what it finds is the same as if
// all were indexed at once.
type indexer struct {
	db *DB

	// queued counts the commits that queued something, caught how many of them
	// the index is known to have.
	queued, caught atomic.Uint64

	fresh fresh // of what is queued

	// working holds one while the index is written.
	working chan struct{}

	open context.Context // ends with close
	stop context.CancelFunc

	mu    sync.Mutex
	timer *time.Timer // nil: none runs
}

const (
	// indexDelay is how long a message may wait for its words to be indexed.
	indexDelay = time.Second

	// A transaction of the indexer takes so many messages, or so many bytes of
	// them and one more: others wait for it.
	indexRows  = 256
	indexBytes = 1 << 20
)

// newIndexer returns an indexer that rests until it is woken.
func newIndexer(db *DB) *indexer {
	x := &indexer{db: db, working: make(chan struct{}, 1)}
	x.open, x.stop = context.WithCancel(context.Background())
	return x
}

// wake says that a commit has queued messages, or that an earlier process may
// have left some.
func (x *indexer) wake(some []indexing) {
	x.fresh.keep(some)
	x.queued.Add(1)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.timer == nil && x.open.Err() == nil {
		x.timer = time.AfterFunc(indexDelay, x.background)
	}
}

// background catches up, and tries again later if that failed.
func (x *indexer) background() {
	x.mu.Lock()
	x.timer = nil
	x.mu.Unlock()
	if err := x.catchUp(x.open); err != nil && x.open.Err() == nil {
		x.db.log.ErrorContext(x.open, "messages could not be indexed; they wait", "error", err)
		x.wake(nil)
	}
}

// catchUp returns when everything that was committed before is in the index.
func (x *indexer) catchUp(ctx context.Context) error {
	wanted := x.queued.Load()
	if x.caught.Load() >= wanted {
		return nil
	}
	select {
	case x.working <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-x.working }()
	if x.caught.Load() >= wanted { // somebody else has just done it
		return nil
	}
	wanted = x.queued.Load()
	if err := x.drain(ctx); err != nil {
		return err
	}
	x.caught.Store(wanted)
	return nil
}

// drain indexes what waits now. What is queued meanwhile is left for the next
// time: a search must not wait for others to stop writing.
func (x *indexer) drain(ctx context.Context) error {
	var last sql.NullInt64
	err := x.db.view(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT max(place) FROM words_due`).Scan(&last)
	})
	for more := last.Valid; more && err == nil; {
		more, err = x.some(ctx, last.Int64)
	}
	return err
}

// some indexes a transaction's worth of what waits up to the last place, in the
// order of the places, as FTS5 wants it, and reports whether more may wait.
func (x *indexer) some(ctx context.Context, last int64) (more bool, err error) {
	var done []queued
	err = x.db.tx(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanQueued, `SELECT d.place, COALESCE(m.id, ''), COALESCE(m.account_id, ''), COALESCE(m.conversation_id, '')
			FROM words_due d LEFT JOIN messages m ON m.place = d.place WHERE d.place <= $1 ORDER BY d.place LIMIT $2`, last, indexRows)
		if err != nil || len(all) == 0 {
			return err
		}
		n, err := x.insert(ctx, q, all)
		if err != nil {
			return err
		}
		done, more = all[:n], n < len(all) || n == indexRows
		_, err = q.ExecContext(ctx, `DELETE FROM words_due WHERE place <= $1`, all[n-1].place)
		return err
	})
	if err == nil {
		x.fresh.forget(done)
	}
	return more, err
}

// insert indexes messages until it has had enough for one transaction, and returns
// how many.
func (x *indexer) insert(ctx context.Context, q querier, all []queued) (n int, err error) {
	for size := 0; n < len(all) && size <= indexBytes; n++ {
		m := &all[n]
		if m.id == "" {
			continue // it was removed meanwhile
		}
		text, read, err := x.text(ctx, q, m)
		if err != nil {
			return n, err
		}
		if err := insertWords(ctx, q, m, wordsOf(text)); err != nil {
			return n, err
		}
		size += read
	}
	return n, nil
}

// queued is a message that waits; all but its place is empty where it is gone.
type queued struct {
	place        int64
	id           conversation.MessageID
	account      identity.AccountID
	conversation conversation.ID
}

func scanQueued(rows *sql.Rows) (d queued, err error) {
	return d, rows.Scan(&d.place, &d.id, &d.account, &d.conversation)
}

// text is what of a message is searched; read is how many bytes it took to find it.
func (x *indexer) text(ctx context.Context, q querier, m *queued) (text string, read int, err error) {
	if text, ok := x.fresh.text(m.place, m.id); ok {
		return text, len(text), nil
	}
	var stored string
	if err := q.QueryRowContext(ctx, `SELECT parts FROM messages WHERE place = $1`, m.place).Scan(&stored); err != nil {
		return "", 0, err
	}
	var parts []conversation.Part
	if err := json.Unmarshal([]byte(stored), &parts); err != nil {
		return "", 0, fmt.Errorf("parts of the message at place %d: %w", m.place, err)
	}
	return conversation.PlainText(parts), len(stored), nil
}

// close ends the indexer; what waits is indexed by the next process.
func (x *indexer) close() {
	x.stop()
	x.mu.Lock()
	if x.timer != nil {
		x.timer.Stop()
	}
	x.mu.Unlock()
	x.working <- struct{}{} // once whoever works has ended
	<-x.working
}
