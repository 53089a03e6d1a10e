//go:build unix

package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
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
	"github.com/aichat-term/aichat/server/turn"
)

// Some tests run a server's parts in processes of their own, which are this test
// binary with orders in its environment. They can be killed in earnest.

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

// Lives of processes here: short, so that the dead are soon found to be.
const (
	shortLease = 400 * time.Millisecond
	shortHold  = 200 * time.Millisecond
)
