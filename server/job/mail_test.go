package job_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// A letter is sent once, and nothing is left of what was in it.
func TestLetterIsSent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		var log bytes.Buffer
		p := &post{}
		r := q.run(t, p, func(o *job.Options) { o.Now, o.Logger = clock, slog.New(slog.NewTextHandler(&log, nil)) })
		id := q.add(t, q.db, code(1), 25)
		until(t, r, id, job.Completed)
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.count() != 1 || p.sent[0].To != "user1@example.com" || !strings.Contains(p.sent[0].Text, "918 273") || p.sent[0].ID == "" {
			t.Errorf("sent: %+v", p.sent)
		}
		if args := q.args(t, id); args != "{}" {
			t.Errorf("the queue still holds %s", args)
		}
		if got := log.String(); strings.Contains(got, "918") || !strings.Contains(got, `msg="letter sent" letter=code`) {
			t.Errorf("the log says %s", got)
		}
	})
}

// What a transaction took back never happens; what it committed does.
func TestRolledBackLetter(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		for n := range 20 {
			tx, err := q.db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			q.add(t, tx, code(n), 25)
			if n%2 == 0 {
				err = tx.Rollback()
			} else {
				err = tx.Commit()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		p := &post{}
		r := q.run(t, p, func(o *job.Options) { o.Now = clock })
		until(t, r, q.add(t, q.db, code(99), 25), job.Completed)
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, m := range p.sent {
			got[m.To]++
		}
		for _, to := range []string{"user1@", "user3@", "user5@", "user7@", "user9@", "user11@", "user13@", "user15@", "user17@", "user19@", "user99@"} {
			if got[to+"example.com"] != 1 {
				t.Errorf("%s: %d letters", to, got[to+"example.com"])
			}
		}
		if len(p.sent) != 11 {
			t.Errorf("%d letters were sent, want 11", len(p.sent))
		}
	})
}

// A letter that fails is tried again with the same id, and is kept until then.
func TestLetterIsTriedAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		var tries atomic.Int32
		var ids [2]string
		p := &post{answer: func(m mail.Message) error {
			n := tries.Add(1)
			ids[n-1] = m.ID
			if n == 1 {
				return fault.New(fault.Unavailable, "The mail server is away.")
			}
			return nil
		}}
		r := q.run(t, p, func(o *job.Options) { o.Now = clock })
		id := q.add(t, q.db, code(1), 25)
		waiting := func() job.Entry { // for less than River's scheduler looks ahead, it is available at once
			for {
				for _, state := range []job.State{job.Available, job.Retryable} {
					all, err := r.List(t.Context(), 0, state)
					if err != nil {
						t.Fatal(err)
					}
					if len(all) == 1 && all[0].Attempt == 1 {
						return all[0]
					}
				}
			}
		}()
		if !strings.Contains(waiting.Error, "away") || waiting.About != "code to user1@example.com" {
			t.Errorf("while it waits: %+v", waiting)
		}
		if _, err := r.Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		until(t, r, id, job.Completed)
		if ids[0] == "" || ids[0] != ids[1] || p.count() != 1 {
			t.Errorf("tries %q, %d sent", ids, p.count())
		}
	})
}

// A letter that never succeeds ends where an operator sees it.
func TestPoisonLetters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		var log bytes.Buffer
		p := &post{answer: func(m mail.Message) error {
			switch m.To {
			case "user1@example.com":
				panic("no paper")
			case "user2@example.com":
				return fault.New(fault.Unavailable, "The mail server is away.")
			case "user3@example.com":
				return fault.New(fault.Invalid, "The mail server refused the letter for good.")
			}
			return nil
		}}
		r := q.run(t, p, func(o *job.Options) { o.Now, o.Logger = clock, slog.New(slog.NewTextHandler(&log, nil)) })
		panics, fails, refused := q.add(t, q.db, code(1), 1), q.add(t, q.db, code(2), 1), q.add(t, q.db, code(3), 25)
		unknown := q.add(t, q.db, mail.Letter{Name: "of_the_future", To: "a@example.com", Data: map[string]string{"code": "918273"}}, 1)
		var late int64
		{
			letter := code(4)
			letter.Expires = at
			late = q.add(t, q.db, letter, 25)
		}
		for id, want := range map[int64]struct {
			state job.State
			says  string
		}{
			panics: {job.Discarded, "no paper"}, fails: {job.Discarded, "away"}, unknown: {job.Discarded, "cannot be written"},
			refused: {job.Cancelled, "for good"}, late: {job.Cancelled, "not worth sending"},
		} {
			if e := until(t, r, id, want.state); !strings.Contains(e.Error, want.says) || e.EndedAt.IsZero() {
				t.Errorf("job %d: %+v, want one that says %q", id, e, want.says)
			}
		}
		if args := q.args(t, late); args != "{}" {
			t.Errorf("the letter that came too late is kept: %s", args)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.count() != 0 {
			t.Errorf("sent: %+v", p.sent)
		}
		if got := log.String(); strings.Contains(got, "918") || strings.Count(got, "for the last time") != 3 || strings.Count(got, "refused for good") < 1 {
			t.Errorf("the log says %s", got)
		}
		dead, err := r.List(t.Context(), 0)
		if err != nil || len(dead) != 5 {
			t.Errorf("the list shows %d jobs, %v: %+v", len(dead), err, dead)
		}
		for _, e := range dead {
			if strings.Contains(e.About+e.Error, "918") {
				t.Errorf("the list tells the code: %+v", e)
			}
		}
	})
}

// A database that cannot be written to after a letter has gone does not send it
// again.
func TestForgettingFails(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		p := &post{}
		r := q.run(t, p, func(o *job.Options) { o.Now, o.Forget = clock, q.closed(t).forget })
		until(t, r, q.add(t, q.db, code(1), 25), job.Completed)
		if p.count() != 1 {
			t.Errorf("%d letters were sent", p.count())
		}
	})
}

// closed is a database that fails.
func (q *queue) closed(t *testing.T) *queue {
	t.Helper()
	other, err := open(t.Context(), q.address)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.db.Close(); err != nil {
		t.Fatal(err)
	}
	return other
}

// Ids tell letters apart, and the letters of one server from another's; a
// database that was restored goes on with its own.
func TestMessageIDs(t *testing.T) {
	t.Parallel()
	ids := map[string][]string{}
	for _, origin := range []string{"one", "two", "one"} {
		q := made(t, sqlitetest.File(t))
		first, second := q.add(t, q.db, code(1), 25), q.add(t, q.db, code(1), 25)
		if _, err := q.db.ExecContext(t.Context(), `UPDATE river_job SET created_at = '2026-11-23 09:30:00'`); err != nil {
			t.Fatal(err)
		}
		p := &post{}
		r := q.run(t, p, func(o *job.Options) { o.Now, o.Origin, o.Letters = clock, origin, 1 })
		until(t, r, first, job.Completed)
		until(t, r, second, job.Completed)
		for _, m := range p.sent {
			ids[m.ID] = append(ids[m.ID], origin)
			if strings.Trim(m.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Errorf("the id %q has unusual signs", m.ID)
			}
		}
	}
	if len(ids) != 4 {
		t.Errorf("ids and whose they are: %v, want four", ids)
	}
}
