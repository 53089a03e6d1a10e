package storetest

import (
	"errors"
	"slices"
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

// beginUnseen: a conversation that nobody has looked for is created, or nothing
// happens, whatever stands under its id.
func beginUnseen(w *world) {
	none := conversation.MessageID("")
	ask := func(id conversation.ID, title string) turn.BeginParams {
		p := w.ask(id, none, "hello")
		p.Create, p.Leaf, p.Unseen = &conversation.Conversation{Title: title, Origin: conversation.FromChat}, &none, true
		return p
	}
	p := ask(newChatID(), "new")
	w.finish(w.done(w.begin(p), "hi"))
	empty, gone := w.newChat("empty"), w.newChat("gone")
	w.must(w.chats.Delete(w.ctx, w.account, gone.ID, w.now()))
	for name, late := range map[string]turn.BeginParams{
		"the same": ask(p.Record.Conversation, "new"), "another": ask(p.Record.Conversation, "other"),
		"empty": ask(empty.ID, "empty"), "deleted": ask(gone.ID, "gone"),
	} {
		_, created, err := w.turns.Begin(w.ctx, late)
		wantEqual(w, name, errors.Is(err, turn.ErrMoved) && !created, true)
		_, err = w.turns.Get(w.ctx, late.Record.Ref)
		w.want(fault.NotFound, err)
	}
	_, created, err := w.turns.Begin(w.ctx, p)
	w.must(err)
	wantEqual(w, "repeated", created, false)
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
