package job_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite" // the driver of database/sql

	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// queue is River's tables on one database.
type queue struct {
	address string
	db      *sql.DB
	json    string // makes JSON of $1
	client  func(*river.Config) (job.Client, error)
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, q *queue)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, made(t, sqlitetest.File(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		onPostgres(t, test)
	})
}

func onPostgres(t *testing.T, test func(t *testing.T, q *queue)) {
	t.Helper()
	test(t, made(t, pgtest.URL(t)))
}

// open connects to a database beside the store: also while another process, which
// is about to be killed, has it.
func open(ctx context.Context, address string) (*queue, error) {
	if !strings.HasPrefix(address, "postgres://") {
		db, err := sql.Open("sqlite", "file:"+address+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate")
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		return &queue{address, db, "jsonb($1)", func(c *river.Config) (job.Client, error) {
			return client(riversqlite.New(db), c)
		}}, nil
	}
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, err
	}
	return &queue{address, stdlib.OpenDBFromPool(pool), "CAST($1 AS JSONB)", func(c *river.Config) (job.Client, error) {
		return client(riverpgxv5.New(pool), c)
	}}, nil
}

func client[T any](driver riverdriver.Driver[T], c *river.Config) (job.Client, error) {
	made, err := river.NewClient(driver, c)
	if err != nil {
		return nil, err
	}
	return made, nil
}

// made is a queue that was opened for the test's time.
func made(t testing.TB, address string) *queue {
	t.Helper()
	q, err := open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.db.Close() })
	return q
}

// execer is a database or a transaction.
type execer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// add queues a letter as the store does, and returns its job's id.
func (q *queue) add(t testing.TB, in execer, letter mail.Letter, attempts int) int64 {
	t.Helper()
	b, err := json.Marshal(letter)
	if err != nil {
		t.Fatal(err)
	}
	var id int64
	row := in.QueryRowContext(t.Context(), `INSERT INTO river_job (args, kind, max_attempts) VALUES (`+q.json+`, $2, $3) RETURNING id`,
		string(b), letter.Kind(), attempts)
	if err := row.Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// forget is the store's.
func (q *queue) forget(ctx context.Context, id int64) error {
	_, err := q.db.ExecContext(ctx, `UPDATE river_job SET args = `+q.json+` WHERE id = $2`, "{}", id)
	return err
}

// args are what the database holds of a job, as text.
func (q *queue) args(t *testing.T, id int64) string {
	t.Helper()
	query := `SELECT CAST(args AS TEXT) FROM river_job WHERE id = $1`
	if !strings.HasPrefix(q.address, "postgres://") {
		query = `SELECT json(args) FROM river_job WHERE id = $1`
	}
	var text string
	if err := q.db.QueryRowContext(t.Context(), query, id).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// run starts a runner for the test's time. Its letters go to the sender.
func (q *queue) run(t testing.TB, sender mail.Sender, set func(*job.Options)) *job.Runner {
	t.Helper()
	r := q.runner(t, sender, set)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (q *queue) runner(t testing.TB, sender mail.Sender, set func(*job.Options)) *job.Runner {
	t.Helper()
	o := job.Options{NewClient: q.client, Forget: q.forget, Origin: "test", Sender: sender, Poll: 20 * time.Millisecond}
	if set != nil {
		set(&o)
	}
	r, err := job.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return r
}

// until waits for a job to be in a state.
func until(t *testing.T, r *job.Runner, id int64, state job.State) job.Entry {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := r.List(t.Context(), 0, job.States()...)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if e.ID == id && e.State == state {
				return e
			}
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("job %d is never %s: %+v", id, state, all)
		}
	}
}

// post is a sender that keeps what it was given, and answers as it is told.
type post struct {
	answer func(mail.Message) error // nil: taken

	mu   sync.Mutex
	sent []mail.Message
}

func (p *post) Send(_ context.Context, m mail.Message) error {
	if p.answer != nil {
		if err := p.answer(m); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, m)
	return nil
}

func (p *post) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

var at = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func clock() time.Time { return at }

// code is a letter with a secret in it.
func code(n int) mail.Letter {
	return mail.Code{To: fmt.Sprintf("user%d@example.com", n), Server: "https://chat.example.com", Code: "918273",
		At: at, Expires: at.Add(10 * time.Minute)}.Letter()
}
