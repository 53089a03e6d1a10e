package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

func create(w *world) {
	c := w.newChat("one")
	w.must(w.chats.Create(w.ctx, c))
	later := c
	later.CreatedAt, later.UpdatedAt = w.now(), w.now()
	w.must(w.chats.Create(w.ctx, later))
	other := c
	other.Title = "two"
	w.want(fault.IDConflict, w.chats.Create(w.ctx, other))
	got := w.get(c.ID)
	wantEqual(w, "revision", got.Rev, 1)
	c.Rev = got.Rev
	wantEqual(w, "stored", got, c)

	title := "renamed"
	_, err := w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{Title: &title}, w.now())
	w.must(err)
	w.must(w.chats.Create(w.ctx, c)) // still the same creation
	wantEqual(w, "title", w.get(c.ID).Title, title)
	w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	w.want(fault.IDConflict, w.chats.Create(w.ctx, c))
	_, err = w.chats.Purge(w.ctx, w.now())
	w.must(err)
	w.want(fault.IDConflict, w.chats.Create(w.ctx, c))

	bad := c
	bad.ID, bad.Title = newChatID(), "a\x00b"
	w.want(fault.TextInvalid, w.chats.Create(w.ctx, bad))
	bad.Title, bad.System = "", "\xff"
	w.want(fault.TextInvalid, w.chats.Create(w.ctx, bad))
	bad.System, bad.Account = "", identity.AccountID(conversation.NewID())
	w.want(fault.NotFound, w.chats.Create(w.ctx, bad))
}

func change(w *world) {
	c, other := w.newChat("one"), w.newChat("two")
	q, _ := w.say(c.ID, "", "hello", "hi")
	foreign, _ := w.say(other.ID, "", "hello", "hi")
	before := w.get(c.ID)
	title, model, system, listed := "new", "demo/x", "be short", false
	got, err := w.chats.Change(w.ctx, w.account, c.ID,
		conversation.Change{Title: &title, Model: &model, System: &system, Leaf: &q, Listed: &listed}, w.now())
	w.must(err)
	want := before
	want.Title, want.TitleByUser, want.Model, want.System, want.Listed = title, true, model, system, false
	want.UpdatedAt, want.Rev = w.clock, got.Rev
	wantEqual(w, "changed", got, want)
	wantEqual(w, "stored", w.get(c.ID), want)
	if got.Rev <= before.Rev {
		w.Fatalf("revision %d after %d", got.Rev, before.Rev)
	}
	empty := ""
	got, err = w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{System: &empty}, w.now())
	w.must(err)
	wantEqual(w, "system", got.System, "")
	wantEqual(w, "title", got.Title, title)
	_, err = w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{Leaf: &foreign}, w.now())
	w.want(fault.NotFound, err)
	_, err = w.chats.Change(w.ctx, w.account, newChatID(), conversation.Change{}, w.now())
	w.want(fault.NotFound, err)
	bad := "\xff"
	_, err = w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{Title: &bad}, w.now())
	w.want(fault.TextInvalid, err)
}

func titles(w *world) {
	c := w.newChat("")
	w.must(w.chats.SetTitle(w.ctx, w.account, c.ID, "made up", w.now()))
	wantEqual(w, "title", w.get(c.ID).Title, "made up")
	wantEqual(w, "by user", w.get(c.ID).TitleByUser, false)
	mine := "mine"
	_, err := w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{Title: &mine}, w.now())
	w.must(err)
	before := w.get(c.ID)
	w.must(w.chats.SetTitle(w.ctx, w.account, c.ID, "made up again", w.now()))
	wantEqual(w, "after", w.get(c.ID), before)
	w.must(w.chats.SetTitle(w.ctx, w.account, newChatID(), "nobody's", w.now()))
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 10)
	w.must(err)
	wantEqual(w, "revision", d.Rev, before.Rev)
}

func findByPrefix(w *world) {
	c := w.newChat("one")
	d := c
	d.ID = c.ID[:30] + conversation.ID(conversation.NewID()[30:])
	w.must(w.chats.Create(w.ctx, d))
	for prefix, want := range map[string]int{
		string(c.ID): 1, string(c.ID[:30]): 2, string(c.ID[:8]): 2, "zz": 0, "%": 0, "_": 0, `\`: 0,
		string(c.ID[:7]) + "_": 0, string(c.ID[:7]) + "%": 0, "'": 0, "\x00": 0, "é": 0,
		strings.ToUpper(string(c.ID[:8])) + "X": 0,
	} {
		got, err := w.chats.FindByPrefix(w.ctx, w.account, prefix, 10)
		w.must(err)
		if len(got) != want {
			w.Errorf("%q: %d found, want %d", prefix, len(got), want)
		}
	}
	got, err := w.chats.FindByPrefix(w.ctx, w.account, string(c.ID[:30]), 1)
	w.must(err)
	wantEqual(w, "limited", len(got), 1)
	w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	got, err = w.chats.FindByPrefix(w.ctx, w.account, string(c.ID[:30]), 10)
	w.must(err)
	wantEqual(w, "without the deleted", len(got), 1)
}

func listing(w *world) {
	var want []conversation.ID
	for i := range 7 {
		c := w.newChat("chat")
		if i%2 == 0 {
			want = append(want, c.ID)
			continue
		}
		asked := c
		asked.ID, asked.Origin, asked.Listed, asked.System = newChatID(), conversation.FromAsk, false, "long"
		w.must(w.chats.Create(w.ctx, asked))
		w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	}
	same := w.get(want[0])
	same.ID, same.Leaf = newChatID(), "" // the same time: the id decides
	w.must(w.chats.Create(w.ctx, same))
	want = append(want, same.ID)
	pages := func(q conversation.ListQuery) (ids []conversation.ID) {
		w.Helper()
		q.Limit = 2
		for {
			page, err := w.chats.List(w.ctx, w.account, q)
			w.must(err)
			for i, c := range page {
				if n := len(ids); n > 0 && i == 0 && ids[n-1] == c.ID {
					w.Fatal("a page repeats its mark")
				}
				ids = append(ids, c.ID)
			}
			if len(page) < 2 {
				return ids
			}
			q.After = &conversation.ListMark{UpdatedAt: page[1].UpdatedAt, ID: page[1].ID}
		}
	}
	got := pages(conversation.ListQuery{})
	if len(got) != len(want) || got[0] != want[3] {
		w.Fatalf("listed %v of %v", got, want)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Fatalf("listed %v, want %v", got, want)
	}
	wantEqual(w, "all", len(pages(conversation.ListQuery{All: true})), len(want)+3)
	wantEqual(w, "asked", len(pages(conversation.ListQuery{All: true, Origin: conversation.FromAsk})), 3)
	wantEqual(w, "asked and listed", len(pages(conversation.ListQuery{Origin: conversation.FromAsk})), 0)
}

func accountsApart(w *world) {
	c := w.newChat("mine")
	q, a := w.say(c.ID, "", "secret words", "secret answer")
	eve, eveID := w.newUser("eve")
	_, err := w.chats.Get(w.ctx, eve, c.ID)
	w.want(fault.NotFound, err)
	_, err = w.chats.Change(w.ctx, eve, c.ID, conversation.Change{}, w.now())
	w.want(fault.NotFound, err)
	w.want(fault.NotFound, w.chats.Delete(w.ctx, eve, c.ID, w.now()))
	_, err = w.chats.Restore(w.ctx, eve, c.ID, w.now())
	w.want(fault.NotFound, err)
	_, err = w.chats.Fork(w.ctx, eve, c.ID, a, newChatID(), w.now())
	w.want(fault.NotFound, err)
	_, err = w.chats.Branch(w.ctx, eve, c.ID, "", "", 0)
	w.want(fault.NotFound, err)
	_, err = w.chats.Message(w.ctx, eve, q)
	w.want(fault.NotFound, err)
	siblings, err := w.chats.SiblingsOf(w.ctx, eve, []conversation.MessageID{q})
	w.must(err)
	wantEqual(w, "siblings", len(siblings), 0)
	hits, err := w.chats.Search(w.ctx, eve, conversation.SearchQuery{Query: conversation.ParseQuery("secret"), Limit: 10})
	w.must(err)
	wantEqual(w, "hits", len(hits), 0)
	p := w.ask(c.ID, "", "hello")
	p.Record.Account, p.Record.Member = eve, eveID
	_, _, err = w.turns.Begin(w.ctx, p)
	w.want(fault.NotFound, err)
	p = w.ask(c.ID, a, "go on")
	rec := w.begin(p)
	rec.Account = eve
	_, err = w.turns.Get(w.ctx, rec.Ref)
	w.want(fault.NotFound, err)
	w.want(fault.NotFound, w.turns.AskCancel(w.ctx, rec.Ref))
	ended, _, err := w.turns.Finish(w.ctx, w.done(rec, "x"))
	w.must(err)
	wantEqual(w, "ended by another", ended, false)

	// The same ids in another account are other things.
	own := c
	own.Account = eve
	w.must(w.chats.Create(w.ctx, own))
	p = w.ask(c.ID, "", "hello")
	p.Record.Account, p.Ask.ID, p.Ask.CreatedAt = eve, q, w.clock
	w.begin(p)
}

func deleteAndRestore(w *world) {
	c := w.newChat("one")
	q, a := w.say(c.ID, "", "hello", "hi")
	w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	w.want(fault.NotFound, w.chats.Delete(w.ctx, w.account, newChatID(), w.now()))
	_, err := w.chats.Get(w.ctx, w.account, c.ID)
	w.want(fault.NotFound, err)
	_, err = w.chats.Message(w.ctx, w.account, q)
	w.want(fault.NotFound, err)
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 10)
	w.must(err)
	if len(d.Deleted) != 1 || len(d.Messages) != 0 {
		w.Fatalf("after the deletion: %+v", d)
	}
	got, err := w.chats.Restore(w.ctx, w.account, c.ID, w.now())
	w.must(err)
	wantEqual(w, "leaf", got.Leaf, a)
	again, err := w.chats.Restore(w.ctx, w.account, c.ID, w.now())
	w.must(err)
	wantEqual(w, "restored twice", again, got)
	d, err = w.chats.Changes(w.ctx, w.account, d.Epoch, d.Rev, 10)
	w.must(err)
	if len(d.Conversations) != 1 || len(d.Messages) != 2 || len(d.Deleted) != 0 || d.Messages[0].ID != q {
		w.Fatalf("after the restoration: %+v", d)
	}
	_, err = w.chats.Restore(w.ctx, w.account, newChatID(), w.now())
	w.want(fault.NotFound, err)
}

func purge(w *world) {
	var kept conversation.ID
	for i := range 70 {
		c := w.newChat("gone")
		if i%30 == 0 {
			w.say(c.ID, "", "needle", "hay")
		}
		w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
		kept = c.ID
	}
	alive := w.newChat("alive")
	w.say(alive.ID, "", "needle", "hay")
	last := w.clock.Add(-10 * time.Second)
	n, err := w.chats.Purge(w.ctx, last)
	w.must(err)
	if n < 60 || n >= 70 {
		w.Fatalf("purged %d", n)
	}
	_, err = w.chats.Restore(w.ctx, w.account, kept, w.now())
	w.must(err)
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	wantEqual(w, "tombstones", len(d.Deleted), 69)
	wantEqual(w, "messages", len(d.Messages), 2)
	w.must(w.chats.Delete(w.ctx, w.account, d.Deleted[0], w.now()))
	_, err = w.chats.Restore(w.ctx, w.account, d.Deleted[0], w.now())
	w.want(fault.NotFound, err)
	hits, err := w.chats.Search(w.ctx, w.account, conversation.SearchQuery{Query: conversation.ParseQuery("needle"), Limit: 10})
	w.must(err)
	wantEqual(w, "hits", len(hits), 1)
}

func textsAreKept(w *world) {
	c := w.newChat("<b>&amp; \u2028 ' \" \\ %_ 😀")
	for _, s := range []string{"", " ", "\t\n", `\u0000 "quoted" 'single'`, "<script>&", "\u2028\u2029", "e\u0301 é",
		"😀 \U0010FFFF", strings.Repeat("long ", 100_000)} {
		rec := w.begin(w.ask(c.ID, "", s))
		w.finish(w.done(rec, s))
		for _, id := range []conversation.MessageID{rec.Question, rec.ID} {
			m, err := w.chats.Message(w.ctx, w.account, id)
			w.must(err)
			if m.Parts[0].Text != s {
				w.Errorf("%.40q became %.40q", s, m.Parts[0].Text)
			}
		}
	}
	wantEqual(w, "title", w.get(c.ID).Title, c.Title)
}
