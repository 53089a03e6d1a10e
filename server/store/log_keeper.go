package store

import (
	"context"
	"database/sql"
	"log/slog"
)

// logKeeper copies SQLite's log into the file, beside the writer. SQLite would do
// it at the end of the commit that makes the log long enough, and whoever's commit
// that is would wait for the disk: 10 to 20 ms, every hundred turns. Only where the
// log grows much faster than it is copied does the writer still do it.
//
// A copy that is whole lets the next commit begin the log anew
// (https://sqlite.org/wal.html#ckpt).
type logKeeper struct {
	pool *sql.DB      // has a connection besides the writer's
	may  func() error // asked before: nil, or why the file must not be written to
	log  *slog.Logger

	commits int           // since the last copy; the writer's
	working chan struct{} // holds one while the log is copied
}

// commitsKept is how many commits a copy waits for: of turns' they are about
// 4 000 pages, or 16 MB. A page that changes with every turn is copied once for all
// of them.
const commitsKept = 200

func newLogKeeper(pool *sql.DB, may func() error, log *slog.Logger) *logKeeper {
	return &logKeeper{pool: pool, may: may, log: log, working: make(chan struct{}, 1)}
}

// committed is called after each commit, by one goroutine at a time.
func (k *logKeeper) committed() {
	if k.commits++; k.commits < commitsKept {
		return
	}
	select {
	case k.working <- struct{}{}:
		k.commits = 0
		go k.work()
	default: // the last copy takes long
	}
}

func (k *logKeeper) work() {
	defer func() { <-k.working }()
	err := k.may()
	if err == nil {
		_, err = k.pool.ExecContext(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`)
	}
	if err != nil {
		k.log.Warn("SQLite's log could not be copied into the database; it stays and grows", "error", err)
	}
}

// close waits for the copy that is being made. Nothing commits any more.
func (k *logKeeper) close() {
	k.working <- struct{}{}
	<-k.working
}
