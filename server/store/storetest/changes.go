package storetest

import (
	"slices"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// mirror is what another machine has pulled.
type mirror struct {
	epoch    string
	rev      int64
	chats    map[conversation.ID]conversation.Conversation
	messages map[conversation.MessageID]conversation.ID
}

func newMirror() *mirror {
	return &mirror{chats: map[conversation.ID]conversation.Conversation{}, messages: map[conversation.MessageID]conversation.ID{}}
}

// pull applies all pages since the last pull.
func (m *mirror) pull(w *world, limit int) {
	w.Helper()
	for {
		d, err := w.chats.Changes(w.ctx, w.account, m.epoch, m.rev, limit)
		w.must(err)
		if n := len(d.Conversations) + len(d.Messages) + len(d.Deleted); n > limit || d.More && n < limit {
			w.Fatalf("a page of %d changes, limit %d, more %v", n, limit, d.More)
		}
		for _, c := range d.Conversations {
			m.chats[c.ID] = c
		}
		for _, msg := range d.Messages {
			m.messages[msg.ID] = msg.Conversation
		}
		for _, id := range d.Deleted {
			delete(m.chats, id)
			for msg, of := range m.messages {
				if of == id {
					delete(m.messages, msg)
				}
			}
		}
		m.epoch, m.rev = d.Epoch, d.Rev
		if !d.More {
			return
		}
	}
}

func changes(w *world) {
	follower := newMirror()
	a, b, c := w.newChat("a"), w.newChat("b"), w.newChat("c")
	w.say(a.ID, "", "1", "one")
	follower.pull(w, 2)
	_, leaf := w.say(b.ID, "", "2", "two")
	w.say(a.ID, "", "3", "three")
	w.must(w.chats.Delete(w.ctx, w.account, c.ID, w.now()))
	follower.pull(w, 1)
	w.must(w.chats.Delete(w.ctx, w.account, b.ID, w.now()))
	follower.pull(w, 3)
	_, err := w.chats.Restore(w.ctx, w.account, b.ID, w.now())
	w.must(err)
	_, err = w.chats.Fork(w.ctx, w.account, b.ID, leaf, newChatID(), w.now())
	w.must(err)
	follower.pull(w, 2)
	for limit := 1; limit < 12; limit += 3 {
		fresh := newMirror()
		fresh.pull(w, limit)
		if len(fresh.chats) != 3 || len(fresh.messages) != 8 || fresh.rev != follower.rev {
			w.Fatalf("a fresh mirror has %d conversations, %d messages", len(fresh.chats), len(fresh.messages))
		}
		for id, chat := range fresh.chats {
			wantEqual(w, "conversation", follower.chats[id], chat)
		}
		for id, of := range fresh.messages {
			wantEqual(w, "message's conversation", follower.messages[id], of)
		}
		wantEqual(w, "messages", len(follower.messages), len(fresh.messages))
	}
	d, err := w.chats.Changes(w.ctx, w.account, follower.epoch, follower.rev, 5)
	w.must(err)
	if d.More || d.Rev != follower.rev || len(d.Conversations)+len(d.Messages)+len(d.Deleted) > 0 {
		w.Fatalf("nothing new, but %+v", d)
	}
}

func syncReset(w *world) {
	w.newChat("a")
	d, err := w.chats.Changes(w.ctx, w.account, "", 0, 5)
	w.must(err)
	wantEqual(w, "epoch", d.Epoch, w.db.Epoch())
	for _, tc := range []struct {
		epoch string
		after int64
	}{{"another", 0}, {"another", d.Rev}, {d.Epoch, d.Rev + 1}, {"", d.Rev}, {d.Epoch, -1}} {
		if _, err := w.chats.Changes(w.ctx, w.account, tc.epoch, tc.after, 5); !fault.Is(err, fault.SyncReset) {
			w.Errorf("epoch %q after %d: %v", tc.epoch, tc.after, err)
		}
	}
	_, err = w.chats.Changes(w.ctx, identity.AccountID(conversation.NewID()), "", 0, 5)
	w.want(fault.NotFound, err)
}

// ids are a delta's messages.
func ids(d conversation.Delta) (all []conversation.MessageID) {
	for _, m := range d.Messages {
		all = append(all, m.ID)
	}
	slices.Sort(all)
	return all
}
