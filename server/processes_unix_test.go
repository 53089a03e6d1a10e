//go:build unix

package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/turn"
)

// The tests here run servers' parts in processes of their own, which are this
// test binary with orders in its environment. They can be killed in earnest.

// ordersVariable holds a process's orders, as JSON.
const ordersVariable = "AICHAT_TEST_ORDERS"

// orders are what a process is to do: to answer questions of an account, and to
// die at a seam of its stores.
type orders struct {
	Database string
	Account  identity.AccountID
	User     identity.UserID
	Messages int64 // that the account may have in a month

	Askers, Questions int // so many at once ask so many each, one after the other
	Ephemeral         bool

	Step  string
	After bool
	Amid  time.Duration // so long after the step has begun

	// Reap lets it look for what the dead have left.
	Reap bool
}

// report is what a process that came to an end says of its questions.
type report struct{ Answered, Refused, Failed int }

func TestMain(m *testing.M) {
	if text := os.Getenv(ordersVariable); text != "" {
		var o orders
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			panic(err)
		}
		if err := o.obey(); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Lives of processes here: short, so that the dead are soon found to be.
const (
	shortLease = 400 * time.Millisecond
	shortHold  = 200 * time.Millisecond
)

// obey is the process. It says that it is ready, answers, says what came of it,
// and ends with its standard input.
func (o *orders) obey() error {
	ctx := context.Background()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(ctx, store.Options{Database: o.Database, Logger: log})
	if err != nil {
		return err
	}
	s, err := o.service(db, log)
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	fmt.Println("ready")
	told, err := json.Marshal(o.ask(ctx, s))
	if err != nil {
		return err
	}
	fmt.Println(string(told))
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return errors.Join(s.Stop(ctx), db.Close())
}

// service is the turn service of a process, on stores that kill it at its seam.
func (o *orders) service(db *store.DB, log *slog.Logger) (*turn.Service, error) {
	directory, err := server.NewDirectory(server.Config{NoOllamaProbe: true}, server.Options{DemoDelay: 2 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	m := &mortal{Store: db.Turns(), held: db.Quota(), at: seam{o.Step, o.After}, kill: kill}
	if o.Amid > 0 {
		m.amid = func() { time.AfterFunc(o.Amid, kill) }
	}
	holds := hastyHolds{mortalHolds{m.held, m}}
	lease := time.Hour // which is also how often the dead are looked for
	if o.Reap {
		lease = shortLease
	}
	plans := quota.NewPlans(quota.Plan{Name: "p", Limits: []quota.Limit{
		{Scope: quota.ForAccount, Period: quota.Month, Unit: quota.Messages, Most: o.Messages},
		{Scope: quota.ForMember, Period: quota.Day, Unit: quota.Tokens, Most: 1 << 40},
	}})
	return turn.New(turn.Options{Store: hastyTurns{m}, Conversations: db.Conversations(), Ledger: db.Ledger(), Directory: directory,
		Policy: quota.NewMetered(quota.MeteredOptions{Store: holds, Plans: func() *quota.Plans { return plans }, Default: "p", Pacer: quota.NewPaces(nil)}),
		Quota:  holds, Caller: generate.New(generate.Options{Logger: log}), Checkpoint: 10 * time.Millisecond, Lease: lease, Logger: log}), nil
}

// kill ends the process as nothing else does.
func kill() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // it cannot fail
	select {}
}

// hastyTurns are soon taken for dead.
type hastyTurns struct{ *mortal }

func (h hastyTurns) Begin(ctx context.Context, p turn.BeginParams) (turn.Record, bool, error) {
	p.Lease = shortLease
	return h.mortal.Begin(ctx, p)
}

func (h hastyTurns) Checkpoint(ctx context.Context, owner string, _ time.Duration, running []turn.Ref, chunks []turn.Chunk) (lost, asked []turn.Ref, err error) {
	return h.mortal.Checkpoint(ctx, owner, shortLease, running, chunks)
}

// hastyHolds are reservations that may soon be settled by anybody.
type hastyHolds struct{ mortalHolds }

func (h hastyHolds) Reserve(ctx context.Context, hold *quota.Hold) error {
	soon := *hold
	soon.Expires = shortHold
	return h.mortalHolds.Reserve(ctx, &soon)
}

// ask asks all questions and counts what came of them.
func (o *orders) ask(ctx context.Context, s *turn.Service) (all report) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for range o.Askers {
		group.Go(func() {
			for range o.Questions {
				err := o.askOnce(ctx, s)
				mu.Lock()
				switch {
				case err == nil:
					all.Answered++
				case fault.Is(err, fault.QuotaExhausted) || fault.Is(err, fault.RateLimited):
					all.Refused++
				default:
					all.Failed++
					_, _ = fmt.Fprintln(os.Stderr, "question:", err)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return all
}

// askOnce asks in a conversation of its own and hears the answer to its end.
func (o *orders) askOnce(ctx context.Context, s *turn.Service) error {
	chat := conversation.ID(conversation.NewID())
	feed, _, err := s.Begin(ctx, identity.Principal{User: o.User, Account: o.Account}, turn.Request{
		ID: turn.ID(conversation.NewID()), Conversation: chat, Ephemeral: o.Ephemeral,
		Create:   &conversation.Conversation{ID: chat, Origin: conversation.FromAsk, Listed: true},
		Question: &turn.Question{ID: conversation.MessageID(conversation.NewID()), Parts: []conversation.Part{{Type: conversation.Text, Text: "hello"}}}}, 0)
	if err != nil {
		return err
	}
	defer feed.Close()
	for {
		switch _, err := feed.Next(ctx, time.Minute); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// process is such a process, seen from outside.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	input io.Closer
	said  *bufio.Scanner
	log   *bytes.Buffer
}

// begin starts a process and waits until it is ready.
func (o orders) begin(t *testing.T) *process {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.CommandContext(t.Context(), os.Args[0]), log: &bytes.Buffer{}}
	p.cmd.Env = append(os.Environ(), ordersVariable+"="+string(text))
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.input, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.said = bufio.NewScanner(out)
	if !p.said.Scan() || p.said.Text() != "ready" {
		t.Fatalf("the process said %q: %v\n%s", p.said.Text(), p.cmd.Wait(), p.log)
	}
	return p
}

// killed waits for a process that dies at its seam.
func (p *process) killed() {
	p.t.Helper()
	if p.said.Scan() {
		p.t.Errorf("it lives, and says %s\n%s", p.said.Text(), p.log)
		p.end()
		return
	}
	err := p.cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		p.t.Errorf("it ended with %v\n%s", err, p.log)
	}
}

// report waits for what a process says of its questions.
func (p *process) report() (r report) {
	p.t.Helper()
	if !p.said.Scan() {
		p.t.Fatalf("the process died: %v\n%s", p.cmd.Wait(), p.log)
	}
	if err := json.Unmarshal(p.said.Bytes(), &r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

// end lets a process end, which must not have met a deadlock.
func (p *process) end() {
	p.t.Helper()
	_ = p.input.Close() // its standard input is open, or it has died
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("it ended with %v\n%s", err, p.log)
	}
	if strings.Contains(p.log.String(), "deadlock") {
		p.t.Errorf("there was a deadlock\n%s", p.log)
	}
}

// Promises 25 and 26: two servers on one Postgres give no more than there is, and
// all of it.
func TestTwoServersShareALimit(t *testing.T) {
	t.Parallel()
	const rounds, most = 2, 60
	database := pgtest.URL(t)
	for range rounds {
		d := newDying(t, database)
		o := orders{Database: database, Account: d.who.Account, User: d.who.User, Messages: most, Askers: 10, Questions: 5, Reap: true}
		short := o
		short.Ephemeral, short.Askers = true, 4
		processes := []*process{o.begin(t), o.begin(t), short.begin(t)}
		var all report
		for _, p := range processes {
			r := p.report()
			all.Answered, all.Refused, all.Failed = all.Answered+r.Answered, all.Refused+r.Refused, all.Failed+r.Failed
		}
		for _, p := range processes {
			p.end()
		}
		if all.Answered != most || all.Refused != 2*50+20-most || all.Failed != 0 {
			t.Errorf("%+v, of %d messages", all, most)
		}
		d.closed(most)
	}
}

// Promise 27: whichever seam a process is killed at, and whichever seam the one
// is killed at that comes to clear up, what was reserved is settled once.
func TestKilledAtEverySeam(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	victims := []struct {
		orders
		rows int // of the ledger, in the end
	}{
		{orders{Step: "begin"}, 0},
		{orders{Step: "begin", After: true}, 1},
		{orders{Step: "checkpoint"}, 1},
		{orders{Step: "checkpoint", After: true}, 1},
		{orders{Step: "finish"}, 1},
		{orders{Step: "finish", After: true}, 1},
		{orders{Step: "finish", After: true, Amid: 200 * time.Microsecond}, 1},
		{orders{Step: "finish", After: true, Amid: time.Millisecond}, 1},
		{orders{Step: "reserve", Ephemeral: true}, 0},
		{orders{Step: "reserve", After: true, Ephemeral: true}, 1},
		{orders{Step: "settle", Ephemeral: true}, 1},
		{orders{Step: "settle", After: true, Ephemeral: true}, 1},
		{orders{Step: "settle", After: true, Amid: 200 * time.Microsecond, Ephemeral: true}, 1},
	}
	accounts := make([]*dying, len(victims))
	var group sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, v := range victims {
		accounts[i] = newDying(t, database)
		v.Database, v.Account, v.User, v.Messages, v.Askers, v.Questions = database, accounts[i].who.Account, accounts[i].who.User, 10, 1, 1
		group.Go(func() {
			slots <- struct{}{}
			v.begin(t).killed()
			<-slots
		})
	}
	group.Wait()
	for _, o := range []orders{{Step: "claim"}, {Step: "claim", After: true}, {Step: "finish"}, {Step: "finish", After: true, Amid: 300 * time.Microsecond},
		{Step: "finish", After: true}, {Step: "expire"}, {Step: "expire", After: true}} {
		o.Database, o.Reap = database, true
		o.begin(t).reaps()
		accounts[0].counted()
	}
	living := newDying(t, database)
	alive := orders{Database: database, Account: living.who.Account, User: living.who.User, Messages: 100, Askers: 4, Questions: 5, Reap: true}
	processes := []*process{alive.begin(t), alive.begin(t)}
	for i, v := range victims {
		accounts[i].closed(v.rows)
	}
	for _, p := range processes {
		r := p.report()
		p.end()
		if r.Answered != 20 {
			t.Errorf("%+v of those who lived\n%s", r, p.log)
		}
	}
	living.closed(40)
}

// reaps waits for a process that has no questions and dies at a seam of what
// others have left.
func (p *process) reaps() {
	p.t.Helper()
	p.report()
	p.killed()
}

// counted checks that all counters are what the ledger and the reservations say.
func (d *dying) counted() {
	d.Helper()
	if wrong, err := d.db.Quota().Mismatches(d.Context(), ""); err != nil || len(wrong) > 0 {
		d.Errorf("mismatches %+v, %v", wrong, err)
	}
}

// closed waits until nothing is held for the account and checks that it was
// settled so many times, and that no turn runs on.
func (d *dying) closed(rows int) {
	d.Helper()
	patience := time.After(time.Minute)
	for d.held() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-patience:
			d.Fatal("something is held for ever")
		}
	}
	d.settled(rows)
	chats, err := d.db.Conversations().List(d.Context(), d.who.Account, conversation.ListQuery{Limit: 1000})
	if err != nil {
		d.Fatal(err)
	}
	for _, c := range chats {
		if c.Running != "" {
			d.Errorf("turn %s runs", c.Running)
		}
	}
}

func (d *dying) held() bool {
	d.Helper()
	st, err := d.db.Quota().Standing(d.Context(), d.who.Account, nil, time.Now())
	if err != nil {
		d.Fatal(err)
	}
	for _, b := range st.Balances {
		if b.Held != (quota.Amount{}) {
			return true
		}
	}
	return false
}
