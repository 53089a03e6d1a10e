package storetest

import (
	"maps"
	"slices"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
)

// leaves: whichever message is chosen, the newest branch through it is shown to
// its end.
func leaves(w *world) {
	c := w.newChat("one")
	q1, a1 := w.say(c.ID, "", "1", "one")
	q2, a2 := w.say(c.ID, a1, "2", "two")
	q3, a3 := w.say(c.ID, a2, "3", "three")
	q2b, a2b := w.say(c.ID, a1, "2, put otherwise", "two")
	q3b, a3b := w.say(c.ID, a2, "3, put otherwise", "three")
	other := w.newChat("two")
	w.say(other.ID, "", "newer, elsewhere", "yes")
	for _, tc := range []struct{ chosen, want conversation.MessageID }{
		{q1, a3b}, {a1, a3b}, {q2, a3b}, {a2, a3b}, {q3, a3}, {a3, a3}, {q3b, a3b}, {q2b, a2b}, {a2b, a2b},
	} {
		got, err := w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{Leaf: &tc.chosen}, w.now())
		w.must(err)
		wantEqual(w, "leaf", got.Leaf, tc.want)
		wantEqual(w, "stored", w.get(c.ID).Leaf, tc.want)
	}
	asked := w.begin(w.ask(c.ID, a2b, "still running"))
	got, err := w.chats.Change(w.ctx, w.account, c.ID, conversation.Change{Leaf: &q2b}, w.now())
	w.must(err)
	wantEqual(w, "leaf of a running turn", got.Leaf, asked.Question)
}

func branches(w *world) {
	c := w.newChat("one")
	q1, a1 := w.say(c.ID, "", "1", "one")
	q2, a2 := w.say(c.ID, a1, "2", "two")
	q3, a3 := w.say(c.ID, a1, "3", "three")
	read := func(leaf, before conversation.MessageID, limit int) []conversation.MessageID {
		w.Helper()
		all, err := w.chats.Branch(w.ctx, w.account, c.ID, leaf, before, limit)
		w.must(err)
		var ids []conversation.MessageID
		for _, m := range all {
			ids = append(ids, m.ID)
		}
		return ids
	}
	for _, tc := range []struct {
		leaf, before conversation.MessageID
		limit        int
		want         []conversation.MessageID
	}{
		{"", "", 0, []conversation.MessageID{q1, a1, q3, a3}},
		{a2, "", 0, []conversation.MessageID{q1, a1, q2, a2}},
		{q2, "", 0, []conversation.MessageID{q1, a1, q2}},
		{"", "", 3, []conversation.MessageID{a1, q3, a3}},
		{"", q3, 0, []conversation.MessageID{q1, a1}},
		{"", q3, 1, []conversation.MessageID{a1}},
		{"", q1, 5, nil},
	} {
		if got := read(tc.leaf, tc.before, tc.limit); !slices.Equal(got, tc.want) {
			w.Errorf("leaf %s before %s limit %d: %v, want %v", tc.leaf, tc.before, tc.limit, got, tc.want)
		}
	}
	_, err := w.chats.Branch(w.ctx, w.account, c.ID, newMessageID(), "", 0)
	w.want(fault.NotFound, err)
	_, err = w.chats.Branch(w.ctx, w.account, c.ID, "", newMessageID(), 0)
	w.want(fault.NotFound, err)
	_, err = w.chats.Branch(w.ctx, w.account, w.newChat("other").ID, a1, "", 0)
	w.want(fault.NotFound, err)
	none, err := w.chats.Branch(w.ctx, w.account, w.newChat("empty").ID, "", "", 0)
	w.must(err)
	wantEqual(w, "empty", len(none), 0)
	_, err = w.chats.Message(w.ctx, w.account, newMessageID())
	w.want(fault.NotFound, err)
}

func siblings(w *world) {
	c, other := w.newChat("one"), w.newChat("other")
	q1, a1 := w.say(c.ID, "", "1", "one")
	q2, a2 := w.say(c.ID, a1, "2", "two")
	q3, _ := w.say(c.ID, a1, "3", "three")
	q4, _ := w.say(other.ID, "", "4", "four") // as rootless as q1
	asked := []conversation.MessageID{q1, q2, q3, a2, q4}
	for range 200 { // more than one statement takes
		asked = append(asked, newMessageID())
	}
	got, err := w.chats.SiblingsOf(w.ctx, w.account, asked)
	w.must(err)
	want := map[conversation.MessageID][]conversation.MessageID{q1: {q1}, q2: {q2, q3}, q3: {q2, q3}, a2: {a2}, q4: {q4}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		w.Errorf("siblings %v, want %v", got, want)
	}
	none, err := w.chats.SiblingsOf(w.ctx, w.account, nil)
	w.must(err)
	wantEqual(w, "siblings of none", len(none), 0)
	w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	got, err = w.chats.SiblingsOf(w.ctx, w.account, []conversation.MessageID{q2, q4})
	w.must(err)
	wantEqual(w, "messages of a chat that is deleted, with siblings", len(got[q2]), 0)
	wantEqual(w, "siblings elsewhere", len(got[q4]), 1)
}

func fork(w *world) {
	c := w.newChat("one")
	_, a1 := w.say(c.ID, "", "1", "one")
	w.say(c.ID, a1, "2", "two")
	to := newChatID()
	f, err := w.chats.Fork(w.ctx, w.account, c.ID, a1, to, w.now())
	w.must(err)
	if f.ID != to || f.ForkOf != c.ID || f.ForkAt != a1 || f.Title != "one" || f.Leaf == a1 {
		w.Fatalf("fork: %+v", f)
	}
	copies, err := w.chats.Branch(w.ctx, w.account, to, "", "", 0)
	w.must(err)
	originals, err := w.chats.Branch(w.ctx, w.account, c.ID, a1, "", 0)
	w.must(err)
	wantEqual(w, "length", len(copies), 2)
	for i, m := range copies {
		o := originals[i]
		if m.ID == o.ID || conversation.PlainText(m.Parts) != conversation.PlainText(o.Parts) || !m.CreatedAt.Equal(o.CreatedAt) {
			w.Fatalf("copy %+v of %+v", m, o)
		}
	}
	again, err := w.chats.Fork(w.ctx, w.account, c.ID, a1, to, w.now())
	w.must(err)
	wantEqual(w, "the same fork", again, f)
	_, err = w.chats.Fork(w.ctx, w.account, c.ID, originals[0].ID, to, w.now())
	w.want(fault.IDConflict, err)
	_, err = w.chats.Fork(w.ctx, w.account, c.ID, newMessageID(), newChatID(), w.now())
	w.want(fault.NotFound, err)
	_, err = w.chats.Fork(w.ctx, w.account, c.ID, "", newChatID(), w.now())
	w.want(fault.NotFound, err)
	for range 3 {
		_, err = w.chats.Fork(w.ctx, w.account, c.ID, a1, newChatID(), w.now())
		w.must(err)
	}
	w.say(to, f.Leaf, "go on", "yes")
	wantEqual(w, "the source's leaf", w.get(c.ID).Leaf == a1, false)
	hits, err := w.chats.Search(w.ctx, w.account, conversation.SearchQuery{Query: conversation.ParseQuery("one"), Limit: 10})
	w.must(err)
	wantEqual(w, "hits", len(hits), 5)
}
