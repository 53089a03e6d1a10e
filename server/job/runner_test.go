package job_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
)

// The variables with which the test's program is run again, as a server's process
// that works jobs: on which database, and where it stops to be killed.
const (
	childDatabase = "AICHAT_TEST_JOBS"
	childStops    = "AICHAT_TEST_JOBS_STOP"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(childDatabase); address != "" {
		if err := child(address, os.Getenv(childStops)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child works jobs until its standard input ends, and says a line for what it
// comes to. Where it is to stop it says so and does nothing more.
func child(address, stops string) error {
	ctx := context.Background()
	q, err := open(ctx, address)
	if err != nil {
		return err
	}
	reach := func(where string) {
		fmt.Println(where)
		if where == stops {
			select {}
		}
	}
	r, err := job.New(job.Options{
		NewClient: q.client, Origin: "test", Poll: 20 * time.Millisecond, Now: clock,
		Sender: &post{answer: func(m mail.Message) error { reach("sending"); fmt.Println("sent", m.To); return nil }},
		Forget: func(ctx context.Context, id int64) error {
			err := q.forget(ctx, id)
			reach("forgotten")
			return err
		},
	})
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		continue
	}
	return r.Stop(ctx)
}

// process is a child.
type process struct {
	*exec.Cmd
	lines *bufio.Scanner
	stop  func() error
}

func start(t *testing.T, q *queue, stops string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0]) // #nosec G204 -- ourselves
	cmd.Env = append(os.Environ(), childDatabase+"="+q.address, childStops+"="+stops)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &process{cmd, bufio.NewScanner(out), in.Close}
}

// says reads lines until one is this.
func (p *process) says(t *testing.T, want string) {
	t.Helper()
	for p.lines.Scan() {
		if p.lines.Text() == want {
			return
		}
	}
	t.Fatalf("the process never says %q", want)
}

// kill ends a process at once, as a loss of power does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // it was killed, and says so
}

// A letter whose process is killed is sent by another, and not a second time
// where it was on record that it had gone.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	for stops, sentAgain := range map[string]int{"sending": 1, "forgotten": 0} {
		t.Run(stops, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, q *queue) {
				id := q.add(t, q.db, code(1), 25)
				dying := start(t, q, stops)
				dying.says(t, stops)
				dying.kill(t)

				p := &post{}
				r := q.runner(t, p, func(o *job.Options) { o.Now = clock })
				if e := until(t, r, id, job.Running); e.Attempt != 1 {
					t.Errorf("of the dead process is left: %+v", e)
				}
				q.age(t)
				if err := r.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				until(t, r, id, job.Retryable)
				if _, err := r.Retry(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				until(t, r, id, job.Completed)
				if p.count() != sentAgain {
					t.Errorf("it is sent %d times, want %d", p.count(), sentAgain)
				}
			})
		})
	}
}

// age makes what was begun an hour old, and whoever led absent.
func (q *queue) age(t *testing.T) {
	t.Helper()
	past := `datetime('now', '-1 hour')`
	if strings.HasPrefix(q.address, "postgres://") {
		past = `now() - interval '1 hour'`
	}
	for _, query := range []string{`UPDATE river_job SET attempted_at = ` + past, `DELETE FROM river_leader`} {
		if _, err := q.db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
}

// Several processes on one Postgres send each letter once.
func TestSeveralProcesses(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		onPostgres(t, func(t *testing.T, q *queue) {
			const letters, processes = 60, 3
			var all []*process
			for range processes {
				all = append(all, start(t, q, "never"))
			}
			r := q.runner(t, &post{}, nil)
			var last int64
			for n := range letters {
				last = q.add(t, q.db, code(n), 25)
			}
			for id := int64(1); id <= last; id++ {
				until(t, r, id, job.Completed)
			}
			sent := map[string]int{}
			for _, p := range all {
				if err := p.stop(); err != nil {
					t.Fatal(err)
				}
				for p.lines.Scan() {
					if to, ok := strings.CutPrefix(p.lines.Text(), "sent "); ok {
						sent[to]++
					}
				}
				if err := p.Wait(); err != nil {
					t.Errorf("a process ended with %v", err)
				}
			}
			for n := range letters {
				if to := fmt.Sprintf("user%d@example.com", n); sent[to] != 1 {
					t.Errorf("%s got %d letters", to, sent[to])
				}
			}
		})
	})
}

// Stop waits for the letter that is being sent.
func TestStopWaits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		sending, release := make(chan struct{}), make(chan struct{})
		p := &post{answer: func(mail.Message) error { close(sending); <-release; return nil }}
		r := q.run(t, p, func(o *job.Options) { o.Now = clock })
		first := q.add(t, q.db, code(1), 25)
		<-sending
		stopped := make(chan error, 1)
		go func() { stopped <- r.Stop(context.Background()) }()
		select {
		case err := <-stopped:
			t.Fatalf("it stopped in the middle of a letter: %v", err)
		case <-time.After(50 * time.Millisecond): // it had its chance
		}
		close(release)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		second := q.add(t, q.db, code(2), 25)
		until(t, r, first, job.Completed)
		if e := until(t, r, second, job.Available); p.count() != 1 {
			t.Errorf("%d letters were sent, and %+v", p.count(), e)
		}
	})
}

// Where the time to stop is over, a letter is given back.
func TestStopRunsOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		sending := make(chan struct{})
		r := q.run(t, waiting(sending), func(o *job.Options) { o.Now = clock })
		id := q.add(t, q.db, code(1), 25)
		<-sending
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Stop(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("stop: %v", err)
		}
		p := &post{}
		again := q.run(t, p, func(o *job.Options) { o.Now = clock })
		if _, err := again.Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		until(t, again, id, job.Completed)
		if p.count() != 1 {
			t.Errorf("%d letters were sent", p.count())
		}
	})
}

// waiting is a sender that waits for as long as it may.
type waiting chan struct{}

func (w waiting) Send(ctx context.Context, _ mail.Message) error {
	close(w)
	<-ctx.Done()
	return ctx.Err()
}

// A context that ends after the start ends no work.
func TestStartOutlivesItsContext(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		r := q.runner(t, &post{}, func(o *job.Options) { o.Now = clock })
		ctx, cancel := context.WithCancel(t.Context())
		if err := r.Start(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		until(t, r, q.add(t, q.db, code(1), 25), job.Completed)
	})
}

// A runner that was never started stops, too.
func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		if err := q.runner(t, &post{}, nil).Stop(t.Context()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}
