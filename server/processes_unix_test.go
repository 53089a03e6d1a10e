//go:build unix

package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store/pgtest"
)

// process is one that has orders, seen from outside.
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
