package storetest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

func begin(w *world) {
	chat := w.newChat("one")
	p := w.ask(chat.ID, "", "hello")
	p.Record.Model = "demo/other"
	rec := w.begin(p)
	wantEqual(w, "state", rec.State, turn.Running)
	wantEqual(w, "epoch", rec.Epoch, 1)
	wantEqual(w, "question", rec.Question, p.Ask.ID)
	stored, err := w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "digest", string(stored.Digest), "hello")
	stored.Digest, rec.Digest = nil, nil
	if !stored.StartedAt.Equal(rec.StartedAt) || stored.Ref != rec.Ref || stored.Owner != "p1" || stored.Member != w.user {
		w.Fatalf("stored %+v, returned %+v", stored, rec)
	}
	c := w.get(chat.ID)
	wantEqual(w, "leaf", c.Leaf, rec.Question)
	wantEqual(w, "model", c.Model, "demo/other")
	wantEqual(w, "running", c.Running, rec.ID)
	wantEqual(w, "updated", c.UpdatedAt, p.Now)
	q, err := w.chats.Message(w.ctx, w.account, rec.Question)
	w.must(err)
	wantEqual(w, "text", conversation.PlainText(q.Parts), "hello")
	wantEqual(w, "role", q.Role, conversation.User)
}

func beginAgain(w *world) {
	p := w.ask(newChatID(), "", "hello")
	p.Create = &conversation.Conversation{Title: "new", Origin: conversation.FromChat, Listed: true}
	rec := w.begin(p)
	check := func(state turn.State) {
		w.Helper()
		again, created, err := w.turns.Begin(w.ctx, p)
		w.must(err)
		if created || again.ID != rec.ID || again.State != state {
			w.Fatalf("repeated: %+v, created %v", again, created)
		}
	}
	check(turn.Running)
	w.finish(w.done(rec, "hi"))
	check(turn.Completed)
	other := p
	other.Record.Digest = []byte("another request")
	_, _, err := w.turns.Begin(w.ctx, other)
	w.want(fault.IDConflict, err)
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 100)
	w.must(err)
	wantEqual(w, "messages", len(d.Messages), 2)
	wantEqual(w, "conversations", len(d.Conversations), 1)

	// The same conversation may be created again with the next turn.
	next := w.ask(p.Record.Conversation, rec.ID, "more")
	next.Create = p.Create
	w.finish(w.done(w.begin(next), "yes"))
	next = w.ask(p.Record.Conversation, rec.ID, "more")
	next.Create = &conversation.Conversation{Title: "another", Origin: conversation.FromChat}
	_, _, err = w.turns.Begin(w.ctx, next)
	w.want(fault.IDConflict, err)
}

// beginBehindLeaf: a question that was placed behind the leaf is stored only
// where that is still the leaf.
func beginBehindLeaf(w *world) {
	chat := w.newChat("one")
	none, gone := conversation.MessageID(""), newMessageID()
	p := w.ask(chat.ID, none, "hello")
	p.Leaf = &gone
	before := w.get(chat.ID)
	_, _, err := w.turns.Begin(w.ctx, p)
	wantEqual(w, "behind another", errors.Is(err, turn.ErrMoved), true)
	wantEqual(w, "untouched", w.get(chat.ID), before)
	p.Leaf = &none
	w.finish(w.done(w.begin(p), "hi"))
	rec, created, err := w.turns.Begin(w.ctx, p) // a repetition, though the leaf has moved
	w.must(err)
	wantEqual(w, "repeated", created, false)
	wantEqual(w, "turn", rec.ID, p.Record.ID)

	// Whoever thought the conversation new finds out that it is not.
	create := w.ask(newChatID(), none, "hello")
	create.Create, create.Leaf = &conversation.Conversation{Title: "new", Origin: conversation.FromChat}, &none
	w.finish(w.done(w.begin(create), "hi"))
	late := w.ask(create.Record.Conversation, none, "hello too")
	late.Create, late.Leaf = create.Create, &none
	_, _, err = w.turns.Begin(w.ctx, late)
	wantEqual(w, "no longer new", errors.Is(err, turn.ErrMoved), true)
}

func beginRefuses(w *world) {
	chat, other := w.newChat("one"), w.newChat("two")
	q, a := w.say(chat.ID, "", "hello", "hi")
	otherQ, _ := w.say(other.ID, "", "there", "yes")
	gone := w.newChat("gone")
	w.must(w.chats.Delete(w.ctx, w.account, gone.ID, w.now()))
	for name, tc := range map[string]struct {
		chat conversation.ID
		edit func(*turn.BeginParams)
		want fault.Kind
	}{
		"no conversation":        {newChatID(), nil, fault.NotFound},
		"a deleted one":          {gone.ID, nil, fault.NotFound},
		"no parent":              {chat.ID, func(p *turn.BeginParams) { p.Ask.Parent = newMessageID() }, fault.NotFound},
		"another chat's parent":  {chat.ID, func(p *turn.BeginParams) { p.Ask.Parent = otherQ }, fault.NotFound},
		"no question":            {chat.ID, func(p *turn.BeginParams) { p.Ask, p.Record.Question = nil, newMessageID() }, fault.NotFound},
		"an answer as question":  {chat.ID, func(p *turn.BeginParams) { p.Ask, p.Record.Question = nil, a }, fault.NotFound},
		"the question's id":      {chat.ID, func(p *turn.BeginParams) { p.Ask.ID = q }, fault.IDConflict},
		"an answer's id":         {chat.ID, func(p *turn.BeginParams) { p.Ask.ID = a }, fault.IDConflict},
		"a turn's id":            {chat.ID, func(p *turn.BeginParams) { p.Record.ID = a }, fault.IDConflict},
		"a message's id":         {chat.ID, func(p *turn.BeginParams) { p.Record.ID = q }, fault.IDConflict},
		"bytes that are no text": {chat.ID, func(p *turn.BeginParams) { p.Ask.Parts = text("a\xff") }, fault.TextInvalid},
	} {
		p := w.ask(tc.chat, "", "not hello")
		if tc.edit != nil {
			tc.edit(&p)
		}
		if _, _, err := w.turns.Begin(w.ctx, p); !fault.Is(err, tc.want) {
			w.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	create := w.ask(gone.ID, "", "hello")
	create.Create = &conversation.Conversation{Title: "gone", Origin: conversation.FromChat}
	_, _, err := w.turns.Begin(w.ctx, create)
	w.want(fault.IDConflict, err)

	running := w.begin(w.ask(chat.ID, a, "next"))
	_, _, err = w.turns.Begin(w.ctx, w.ask(chat.ID, a, "also"))
	w.want(fault.TurnRunning, err)
	wantEqual(w, "subject", fault.Of(err).Subject, string(running.ID))
	wantEqual(w, "leaf", w.get(chat.ID).Leaf, running.Question)

	// Answering an existing question anew needs none of its own.
	w.finish(w.done(running, "fine"))
	again := w.ask(chat.ID, "", "")
	again.Ask, again.Record.Question = nil, q
	w.finish(w.done(w.begin(again), "hi again"))
	siblings, err := w.chats.SiblingsOf(w.ctx, w.account, []conversation.MessageID{a})
	w.must(err)
	if want := []conversation.MessageID{a, again.Record.ID}; !slices.Equal(siblings[a], want) {
		w.Fatalf("siblings %v, want %v", siblings, want)
	}
	_, err = w.turns.Get(w.ctx, turn.Ref{Account: w.account, ID: newMessageID()})
	w.want(fault.NotFound, err)
}

// entry is a ledger row with every column filled.
func (w *world) entry(rec turn.Record) usage.Entry {
	return usage.Entry{Account: w.account, ID: conversation.NewID(), CreatedAt: w.now(), Member: w.user, Kind: usage.Answer,
		Turn: string(rec.ID), Conversation: string(rec.Conversation), Attempt: 1, Provider: "demo", Model: "echo",
		KeyID: "k1", RequestID: "req", Tokens: provider.Usage{Input: 1, CachedRead: 2, CachedWrite: 3, Output: 4, Reasoning: 2},
		Source: usage.Reported, PriceKnown: true, Price: provider.Price{Input: 10, CachedRead: 20, CachedWrite: 30, Output: 40},
		CostMicroUSD: 7, Charged: true, Reservation: "r1", Outcome: usage.Failed, ErrorCode: "timeout",
		FirstToken: 5 * time.Millisecond, Total: 9 * time.Second}
}

func finish(w *world) {
	chat := w.newChat("one")
	rec := w.begin(w.ask(chat.ID, "", "hello"))
	_, _, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{rec.Ref}, []turn.Chunk{textChunk(rec, 0, "hi")})
	w.must(err)
	before := w.get(chat.ID)
	p := w.done(rec, "hi there")
	p.Answer.Parts = append(p.Answer.Parts, conversation.Part{Type: conversation.Reasoning, Text: "hm",
		Opaque: []byte{0, 255}, OpaqueFrom: "demo"})
	p.Answer.Usage = conversation.Usage{Input: 3, CachedRead: 1, CachedWrite: 2, Output: 5, Reasoning: 4,
		CostMicroUSD: 12, PriceKnown: true, Estimated: true}
	p.Entries = []usage.Entry{w.entry(rec)}
	stale := p
	stale.Epoch++
	ended, _, err := w.turns.Finish(w.ctx, stale)
	w.must(err)
	wantEqual(w, "ended under another epoch", ended, false)
	w.finish(p)
	ended, _, err = w.turns.Finish(w.ctx, p)
	w.must(err)
	wantEqual(w, "ended twice", ended, false)

	c := w.get(chat.ID)
	wantEqual(w, "leaf", c.Leaf, rec.ID)
	wantEqual(w, "running", c.Running, "")
	if c.Rev <= before.Rev {
		w.Fatalf("revision %d after %d", c.Rev, before.Rev)
	}
	a, err := w.chats.Message(w.ctx, w.account, rec.ID)
	w.must(err)
	wantEqual(w, "parent", a.Parent, rec.Question)
	wantEqual(w, "usage", a.Usage, p.Answer.Usage)
	wantEqual(w, "opaque", string(a.Parts[1].Opaque), "\x00\xff")
	text, _, err := w.turns.Chunks(w.ctx, rec.Ref, 0)
	w.must(err)
	wantEqual(w, "chunks left", len(text), 0)
	entries, err := w.ledger.Entries(w.ctx, w.account, w.now(), 10)
	w.must(err)
	wantEqual(w, "entries", len(entries), 1)
	free := p.Entries[0] // nothing was reserved, so nobody is charged
	free.Charged, free.Reservation = false, ""
	wantEqual(w, "entry", entries[0], free)

	// Whoever looked at another branch meanwhile stays there.
	rec = w.begin(w.ask(chat.ID, "", "hello instead"))
	_, err = w.chats.Change(w.ctx, w.account, chat.ID, conversation.Change{Leaf: &a.ID}, w.now())
	w.must(err)
	w.finish(w.done(rec, "later"))
	wantEqual(w, "leaf", w.get(chat.ID).Leaf, a.ID)
}

func finishDeleted(w *world) {
	chat := w.newChat("one")
	rec := w.begin(w.ask(chat.ID, "", "hello"))
	w.must(w.chats.Delete(w.ctx, w.account, chat.ID, w.now()))
	n, err := w.chats.Purge(w.ctx, w.now())
	w.must(err)
	wantEqual(w, "purged while running", n, 0)
	w.finish(w.done(rec, "hi"))
	_, err = w.chats.Message(w.ctx, w.account, rec.ID)
	w.want(fault.NotFound, err)
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 10)
	w.must(err)
	if len(d.Messages) != 0 || len(d.Conversations) != 0 || len(d.Deleted) != 1 {
		w.Fatalf("changes of a deleted conversation: %+v", d)
	}
	_, err = w.chats.Restore(w.ctx, w.account, chat.ID, w.now())
	w.must(err)
	_, err = w.chats.Message(w.ctx, w.account, rec.ID)
	w.must(err)
	wantEqual(w, "leaf", w.get(chat.ID).Leaf, rec.ID)
}

// textChunk is a chunk of plain text.
func textChunk(rec turn.Record, from int64, s string) turn.Chunk {
	return turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, From: from, Text: []byte(s),
		Runs: []turn.Run{{Kind: turn.RunText, End: from + int64(len(s))}}}
}

func checkpoint(w *world) {
	rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
	put := func(c turn.Chunk) (lost []turn.Ref) {
		w.Helper()
		lost, _, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{rec.Ref}, []turn.Chunk{c})
		w.must(err)
		return lost
	}
	read := func(from int64) string {
		w.Helper()
		text, runs, err := w.turns.Chunks(w.ctx, rec.Ref, from)
		w.must(err)
		if len(text) > 0 && runs[len(runs)-1].End != from+int64(len(text)) {
			w.Fatalf("runs %v of %d bytes from %d", runs, len(text), from)
		}
		return string(text)
	}
	wantEqual(w, "lost", len(put(textChunk(rec, 0, "Hello"))), 0)
	put(textChunk(rec, 5, ", wor"))
	put(textChunk(rec, 5, ", world")) // as after a commit in doubt
	wantEqual(w, "lost without a text", len(put(turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, From: 12, Model: "other/model"})), 0)
	put(turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, From: 12, Text: []byte{0, 255}, Runs: []turn.Run{{Kind: turn.RunOpaque, Part: 1, End: 14, Meta: "demo"}}})
	wantEqual(w, "all", read(0), "Hello, world\x00\xff")
	wantEqual(w, "the rest", read(3), "lo, world\x00\xff")
	wantEqual(w, "nothing", read(14), "")
	wantEqual(w, "beyond", read(99), "")
	got, err := w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "position", got.Position, 14)
	wantEqual(w, "who answers", got.Model, "other/model")
	_, runs, err := w.turns.Chunks(w.ctx, rec.Ref, 0)
	w.must(err)
	if len(runs) != 2 || runs[0].End != 12 || runs[1].Meta != "demo" {
		w.Fatalf("runs: %+v", runs)
	}
	_, _, err = w.turns.Chunks(w.ctx, turn.Ref{Account: w.account, ID: newMessageID()}, 0)
	w.want(fault.NotFound, err)

	stale := textChunk(rec, 14, "x")
	stale.Epoch--
	stale.Model = "demo/echo"
	if lost := put(stale); len(lost) != 1 || lost[0] != rec.Ref {
		w.Fatalf("lost %v", lost)
	}
	lost, _, err := w.turns.Checkpoint(w.ctx, "p2", time.Minute, []turn.Ref{rec.Ref}, nil)
	w.must(err)
	wantEqual(w, "another owner's", len(lost), 1)
	w.finish(w.done(rec, "Hello, world"))
	if lost := put(textChunk(rec, 14, "x")); len(lost) != 1 {
		w.Fatalf("lost after the end: %v", lost)
	}
	got, err = w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "who answered, whatever a stale chunk says", got.Model, "other/model")
	wantEqual(w, "after the end", read(0), "")
}

func checkpointMany(w *world) {
	var refs []turn.Ref
	var chunks []turn.Chunk
	for range 20 {
		rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
		refs = append(refs, rec.Ref)
		for i := range 20 {
			chunks = append(chunks, textChunk(rec, int64(i), "x"))
		}
	}
	before, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	lost, asked, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, refs, chunks)
	w.must(err)
	wantEqual(w, "lost", len(lost), 0)
	wantEqual(w, "asked", len(asked), 0)
	for _, ref := range refs {
		text, runs, err := w.turns.Chunks(w.ctx, ref, 0)
		w.must(err)
		if string(text) != strings.Repeat("x", 20) || len(runs) != 1 {
			w.Fatalf("stored %q %v", text, runs)
		}
	}
	after, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	wantEqual(w, "revision after a checkpoint", after.Rev, before.Rev)
}

func cancelling(w *world) {
	rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
	other := w.begin(w.ask(w.newChat("two").ID, "", "hello"))
	w.must(w.turns.AskCancel(w.ctx, rec.Ref))
	w.must(w.turns.AskCancel(w.ctx, rec.Ref))
	_, asked, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{rec.Ref, other.Ref}, nil)
	w.must(err)
	if len(asked) != 1 || asked[0] != rec.Ref {
		w.Fatalf("asked %v", asked)
	}
	got, err := w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "asked", got.CancelAsked, true)
	w.finish(w.done(rec, "hi"))
	w.must(w.turns.AskCancel(w.ctx, rec.Ref))
	w.want(fault.NotFound, w.turns.AskCancel(w.ctx, turn.Ref{Account: w.account, ID: newMessageID()}))
}

func claim(w *world) {
	alive := w.begin(w.ask(w.newChat("alive").ID, "", "hello"))
	p := w.ask(w.newChat("dead").ID, "", "hello")
	p.Lease = -time.Second
	dead := w.begin(p)
	_, _, err := w.turns.Checkpoint(w.ctx, "p1", -time.Second, []turn.Ref{dead.Ref}, []turn.Chunk{textChunk(dead, 0, "par")})
	w.must(err)

	got, err := w.turns.Claim(w.ctx, "p2", time.Minute, false, 10)
	w.must(err)
	wantEqual(w, "claimed", len(got), 1)
	o := got[0]
	if o.Ref != dead.Ref || o.Epoch != 2 || o.Owner != "p2" || !bytes.Equal(o.Text, []byte("par")) || len(o.Runs) != 1 {
		w.Fatalf("claimed %+v", o)
	}
	got, err = w.turns.Claim(w.ctx, "p3", time.Minute, false, 10)
	w.must(err)
	wantEqual(w, "claimed again", len(got), 0)

	// The fence: the old owner can store nothing more.
	lost, _, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{alive.Ref, dead.Ref}, []turn.Chunk{textChunk(dead, 3, "tial")})
	w.must(err)
	if len(lost) != 1 || lost[0] != dead.Ref {
		w.Fatalf("lost %v", lost)
	}
	ended, _, err := w.turns.Finish(w.ctx, w.done(dead, "partial"))
	w.must(err)
	wantEqual(w, "ended by the old owner", ended, false)

	got, err = w.turns.Claim(w.ctx, "p2", time.Minute, true, 10)
	w.must(err)
	wantEqual(w, "with all, of others", len(got), 1)
	wantEqual(w, "the living", got[0].Ref, alive.Ref)
	fin := w.done(o.Record, "par")
	fin.State, fin.Answer.State = turn.Interrupted, conversation.Interrupted
	w.finish(fin)
}

func ledger(w *world) {
	rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
	a, b := w.entry(rec), w.entry(rec)
	a.Charged, a.Reservation, b.Charged, b.Reservation = false, "", false, ""
	w.must(w.ledger.Append(w.ctx, []usage.Entry{a, b}))
	changed := a
	changed.CostMicroUSD, changed.Charged, changed.Reservation = 999, true, "none"
	w.must(w.ledger.Append(w.ctx, []usage.Entry{changed}))
	w.must(w.ledger.Append(w.ctx, nil))
	got, err := w.ledger.Entries(w.ctx, w.account, w.now(), 10)
	w.must(err)
	if len(got) != 2 || got[0] != b || got[1] != a {
		w.Fatalf("entries %+v", got)
	}
	got, err = w.ledger.Entries(w.ctx, w.account, b.CreatedAt, 10)
	w.must(err)
	wantEqual(w, "before", len(got), 1)
}
