package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// writer runs transactions on SQLite's one writing connection, and commits
// together what has gathered while it was busy.
//
// A commit costs more than most of what is in one: pages are written once for
// each. So a transaction that finds the writer idle runs at once, alone; those
// that come meanwhile form the next batch and share one commit. Nobody waits for
// company, and under load the batches grow by themselves.
//
// If one of a batch fails, for whatever reason, all is undone and each runs
// again, alone: failures are rare, and a savepoint for each, which would spare
// that, costs every one of them two statements more.
//
// There is no goroutine: whoever comes first runs the batch, and hands the
// writer on to the first of the next.
type writer struct {
	pool *sql.DB
	may  func() error     // asked before a transaction begins: nil, or why none may
	wake func([]indexing) // called after a commit that queued messages for the index, with them
	done func()           // called after each commit

	mu      sync.Mutex
	busy    bool
	waiting []*job

	// What follows belongs to whoever runs the batch.
	conn  *sql.Conn
	stmts map[string]*parsed
	due   []indexing // to be queued with the commit; see liteSearch
}

// largestBatch bounds how much one failing commit can take with it.
const largestBatch = 64

// job is one transaction on its way.
type job struct {
	ctx  context.Context // the caller's: looked at before the job runs, not while
	fn   func(q querier) error
	err  error
	told chan signal // the caller's turn to lead, or its result
}

// signal says to a waiting job what has happened.
type signal uint8

const (
	lead signal = iota + 1 // run the batch that you are the first of
	done                   // err is the result
)

func newWriter(pool *sql.DB, may func() error, wake func([]indexing), done func()) *writer {
	return &writer{pool: pool, may: may, wake: wake, done: done, stmts: map[string]*parsed{}}
}

// run runs fn in a transaction and returns its error, or the commit's. fn may
// run more than once. It is not interrupted by ctx once it has begun: that
// would end everybody's transaction.
func (w *writer) run(ctx context.Context, fn func(q querier) error) error {
	j := &job{ctx: ctx, fn: fn, told: make(chan signal, 1)}
	w.mu.Lock()
	w.waiting = append(w.waiting, j)
	first := !w.busy
	w.busy = true
	w.mu.Unlock()
	if !first && <-j.told == done {
		return j.err
	}
	batch := w.take()
	w.runBatch(batch)
	for _, other := range batch {
		if other != j {
			other.told <- done
		}
	}
	w.handOn()
	return j.err
}

// take removes the next batch from those that wait.
func (w *writer) take() []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.waiting), largestBatch)
	batch := w.waiting[:n:n]
	w.waiting = w.waiting[n:]
	return batch
}

// handOn lets the first of those that wait lead, or leaves the writer idle.
func (w *writer) handOn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		w.busy, w.waiting = false, nil
		return
	}
	w.waiting[0].told <- lead
}

// runBatch gives every job of the batch its result.
func (w *writer) runBatch(batch []*job) {
	if len(batch) > 1 && w.together(batch) {
		return
	}
	for _, j := range batch {
		j.err = w.alone(j)
	}
}

// alone runs one job in a transaction of its own.
func (w *writer) alone(j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	q, err := w.begin()
	if err != nil {
		return err
	}
	if err := protect(j.fn, q); err != nil {
		return errors.Join(err, w.exec(`ROLLBACK`))
	}
	if err := w.commit(q); err != nil {
		_ = w.exec(`ROLLBACK`) // the commit's error says more
		return commitError{err}
	}
	return nil
}

// commit queues what is to be indexed, and commits.
func (w *writer) commit(q querier) error {
	if err := queueWords(context.Background(), q, w.due); err != nil {
		return err
	}
	if err := w.exec(`COMMIT`); err != nil {
		return err
	}
	if len(w.due) > 0 {
		w.wake(w.due)
		w.forgetDue()
	}
	w.done()
	return nil
}

// together runs several jobs in one transaction and reports whether they all
// succeeded. If not, nothing has happened.
func (w *writer) together(batch []*job) (all bool) {
	q, err := w.begin()
	if err != nil {
		return false
	}
	for _, j := range batch {
		if err == nil {
			err = j.ctx.Err()
		}
		if err == nil {
			err = protect(j.fn, q)
		}
	}
	if err == nil {
		err = w.commit(q)
	}
	if err != nil {
		_ = w.exec(`ROLLBACK`) // it may have happened already
	}
	return err == nil
}

// begin begins a transaction.
func (w *writer) begin() (querier, error) {
	if err := w.may(); err != nil {
		return nil, err
	}
	if err := w.connect(); err != nil {
		return nil, err
	}
	w.forgetDue()
	return writing{w}, w.exec(`BEGIN IMMEDIATE`)
}

// forgetDue lets go of what was to be queued, and of its texts.
func (w *writer) forgetDue() {
	clear(w.due)
	w.due = w.due[:0]
}

// connect makes the connection, if there is none yet.
func (w *writer) connect() (err error) {
	if w.conn == nil {
		w.conn, err = w.pool.Conn(context.Background())
	}
	return err
}

func (w *writer) exec(query string) error {
	_, err := writing{w}.ExecContext(context.Background(), query)
	return err
}

// close gives the connection back. No job runs or waits any more.
func (w *writer) close() error {
	var err error
	for _, s := range w.stmts {
		err = errors.Join(err, s.stmt.Close())
	}
	if w.conn != nil {
		err = errors.Join(err, w.conn.Close())
	}
	w.conn, w.stmts = nil, map[string]*parsed{}
	return err
}
