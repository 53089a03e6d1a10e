package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
)

// rounds is how often each race is run.
const rounds = 10

// together runs n functions at once, from one starting line.
func together(n int, do func(i int)) {
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	group.Wait()
}

// raceBegin: of turns that begin at once on one conversation one runs, and the
// others learn which.
func raceBegin(w *world) {
	chat := w.newChat("one")
	for range rounds {
		asks := make([]turn.BeginParams, 6)
		for i := range asks {
			asks[i] = w.ask(chat.ID, "", "hello")
		}
		var winner atomic.Pointer[turn.Record]
		subjects := make([]string, len(asks))
		together(len(asks), func(i int) {
			rec, created, err := w.turns.Begin(w.ctx, asks[i])
			switch {
			case err == nil && created:
				if winner.Swap(&rec) != nil {
					w.Error("two turns run")
				}
			case fault.Is(err, fault.TurnRunning):
				subjects[i] = fault.Of(err).Subject
			default:
				w.Errorf("begin: created %v, %v", created, err)
			}
		})
		if winner.Load() == nil {
			w.Fatal("no turn runs")
		}
		for _, s := range subjects {
			if s != "" && s != string(winner.Load().ID) {
				w.Fatalf("told of %s, but %s runs", s, winner.Load().ID)
			}
		}
		w.finish(w.done(*winner.Load(), "hi"))
	}
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	wantEqual(w, "messages", len(ids(d)), 2*rounds)
}

// raceFollow: questions that come at once, each behind the leaf that its asker
// has read, make one line.
func raceFollow(w *world) {
	chat := w.newChat("one")
	const askers = 4
	asks := make([]turn.BeginParams, askers)
	for i := range asks {
		asks[i] = w.ask(chat.ID, "", "hello")
	}
	at := w.now()
	together(askers, func(i int) {
		p := asks[i]
		for {
			c, err := w.chats.Get(w.ctx, w.account, chat.ID)
			if err != nil {
				w.Errorf("get: %v", err)
				return
			}
			p.Leaf, p.Ask.Parent = &c.Leaf, c.Leaf
			rec, _, err := w.turns.Begin(w.ctx, p)
			if fault.Is(err, fault.TurnRunning) || errors.Is(err, turn.ErrMoved) {
				continue
			}
			if err == nil {
				_, _, err = w.turns.Finish(w.ctx, turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed, Now: at,
					Answer: conversation.Message{State: conversation.Complete, Parts: text("hi"), CreatedAt: at, FinishedAt: at}})
			}
			if err != nil {
				w.Errorf("ask: %v", err)
			}
			return
		}
	})
	line, err := w.chats.Branch(w.ctx, w.account, chat.ID, "", "", 0)
	w.must(err)
	wantEqual(w, "messages of the line", len(line), 2*askers)
}

// raceBeginCreate: the same request sent several times at once is one turn in
// one conversation.
func raceBeginCreate(w *world) {
	for range rounds {
		p := w.ask(newChatID(), "", "hello")
		p.Create = &conversation.Conversation{Title: "new", Origin: conversation.FromChat, Listed: true}
		var created atomic.Int64
		together(4, func(int) {
			rec, fresh, err := w.turns.Begin(w.ctx, p)
			if err != nil || rec.ID != p.Record.ID {
				w.Errorf("begin: %v", err)
			}
			if fresh {
				created.Add(1)
			}
		})
		wantEqual(w, "created", created.Load(), 1)
	}
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	wantEqual(w, "messages", len(d.Messages), rounds)
	wantEqual(w, "conversations", len(d.Conversations), rounds)
}

// raceChange: changes of different fields at once all last.
func raceChange(w *world) {
	c := w.newChat("one")
	for n := range rounds {
		title, model, system := fmt.Sprint("t", n), fmt.Sprint("demo/", n), fmt.Sprint("s", n)
		changes := []conversation.Change{{Title: &title}, {Model: &model}, {System: &system}}
		before := w.get(c.ID).Rev
		at := w.now()
		together(len(changes), func(i int) {
			if _, err := w.chats.Change(w.ctx, w.account, c.ID, changes[i], at); err != nil {
				w.Errorf("change: %v", err)
			}
		})
		got := w.get(c.ID)
		if got.Title != title || got.Model != model || got.System != system || got.Rev != before+3 {
			w.Fatalf("after round %d: %+v", n, got)
		}
	}
}

// raceRevisions: whoever follows the revisions while many write misses nothing.
func raceRevisions(w *world) {
	const writers, each = 6, 12
	follower := newMirror()
	done := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				follower.pull(w, 7)
			}
		}
	})
	at := w.now()
	chats := make([]conversation.Conversation, writers*each)
	for i := range chats {
		chats[i] = conversation.Conversation{Account: w.account, ID: newChatID(), Title: "c", Origin: conversation.FromChat,
			Listed: true, CreatedAt: at, UpdatedAt: at}
	}
	together(writers, func(i int) {
		for _, c := range chats[i*each : (i+1)*each] {
			if err := w.chats.Create(w.ctx, c); err != nil {
				w.Errorf("create: %v", err)
			}
			if err := w.chats.SetTitle(w.ctx, w.account, c.ID, "d", at); err != nil {
				w.Errorf("title: %v", err)
			}
		}
	})
	close(done)
	reading.Wait()
	follower.pull(w, 7)
	wantEqual(w, "conversations seen", len(follower.chats), len(chats))
	for _, c := range follower.chats {
		wantEqual(w, "title seen", c.Title, "d")
	}
	wantEqual(w, "revision", follower.rev, 2*writers*each)
}

// raceClaim: turns without an owner are taken once each.
func raceClaim(w *world) {
	for range rounds {
		const turns = 12
		for range turns {
			p := w.ask(w.newChat("one").ID, "", "hello")
			p.Lease = -time.Second
			w.begin(p)
		}
		var mu sync.Mutex
		taken := map[turn.Ref]turn.Record{}
		together(4, func(i int) {
			for {
				got, err := w.turns.Claim(w.ctx, fmt.Sprint("reaper", i), time.Hour, false, 2)
				if err != nil {
					w.Errorf("claim: %v", err)
				}
				mu.Lock()
				for _, o := range got {
					if _, twice := taken[o.Ref]; twice {
						w.Error("a turn was taken twice")
					}
					taken[o.Ref] = o.Record
				}
				mu.Unlock()
				if len(got) == 0 {
					return
				}
			}
		})
		wantEqual(w, "taken", len(taken), turns)
		for _, rec := range taken {
			w.finish(w.done(rec, "x"))
		}
	}
}

// raceFinish: owner and reaper end a turn at once; one of them does, and no chunk
// outlives it.
func raceFinish(w *world) {
	for range rounds {
		p := w.ask(w.newChat("one").ID, "", "hello")
		p.Lease = -time.Second
		rec := w.begin(p)
		fins := []turn.FinishParams{w.done(rec, "owner"), w.done(rec, "owner too"), w.done(rec, "reaper")}
		var ended atomic.Int64
		together(len(fins)+1, func(i int) {
			if i == len(fins) {
				_, _, err := w.turns.Checkpoint(w.ctx, "p1", -time.Second, []turn.Ref{rec.Ref}, []turn.Chunk{textChunk(rec, 0, "late")})
				if err != nil {
					w.Errorf("checkpoint: %v", err)
				}
				return
			}
			fin := fins[i]
			if i == 2 {
				got, err := w.turns.Claim(w.ctx, "reaper", time.Hour, false, 1)
				if err != nil {
					w.Errorf("claim: %v", err)
				}
				if len(got) == 0 {
					return
				}
				fin.Epoch = got[0].Epoch
			}
			ok, _, err := w.turns.Finish(w.ctx, fin)
			if err != nil {
				w.Errorf("finish: %v", err)
			}
			if ok {
				ended.Add(1)
			}
		})
		wantEqual(w, "ended", ended.Load(), 1)
		text, _, err := w.turns.Chunks(w.ctx, rec.Ref, 0)
		w.must(err)
		wantEqual(w, "chunks left", len(text), 0)
	}
}

// raceDeleteFinish: whatever comes first, the answer is there once the
// conversation is restored.
func raceDeleteFinish(w *world) {
	for range rounds {
		c := w.newChat("one")
		rec := w.begin(w.ask(c.ID, "", "hello"))
		fin, at := w.done(rec, "hi"), w.now()
		together(3, func(i int) {
			var err error
			switch i {
			case 0:
				_, _, err = w.turns.Finish(w.ctx, fin)
			case 1:
				err = w.chats.Delete(w.ctx, w.account, c.ID, at)
			case 2:
				_, err = w.chats.Restore(w.ctx, w.account, c.ID, at)
			}
			if err != nil {
				w.Errorf("%d: %v", i, err)
			}
		})
		_, err := w.chats.Restore(w.ctx, w.account, c.ID, w.now())
		w.must(err)
		branch, err := w.chats.Branch(w.ctx, w.account, c.ID, "", "", 0)
		w.must(err)
		wantEqual(w, "messages", len(branch), 2)
	}
}

// manyWritersAndReaders: nobody is told that the database is locked.
func manyWritersAndReaders(w *world) {
	const clients, each = 64, 4
	at := w.now()
	seed := w.newChat("seed")
	w.say(seed.ID, "", "hello", "hi")
	together(2*clients, func(i int) {
		for range each {
			var err error
			if i%2 == 0 {
				err = w.chats.Create(w.ctx, conversation.Conversation{Account: w.account, ID: newChatID(), Title: "c",
					Origin: conversation.FromChat, Listed: true, CreatedAt: at, UpdatedAt: at})
			} else {
				_, err = w.chats.List(w.ctx, w.account, conversation.ListQuery{Limit: 20})
				if err == nil {
					_, err = w.chats.Branch(w.ctx, w.account, seed.ID, "", "", 0)
				}
			}
			if err != nil {
				w.Errorf("client %d: %v", i, err)
			}
		}
	})
	all, err := w.chats.List(w.ctx, w.account, conversation.ListQuery{Limit: 1000})
	w.must(err)
	wantEqual(w, "conversations", len(all), clients*each+1)
}
