package storetest

import (
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/usage"
)

// ratings: one of each user for an answer, which the user's clients hear of and
// nobody else reads.
func ratings(w *world) {
	chat := w.newChat("one")
	rec := w.begin(w.ask(chat.ID, "", "hello"))
	question := rec.Question
	w.finish(w.done(rec, "hi"))
	answer := rec.ID
	rate := func(v conversation.Verdict, reason string) error {
		return w.chats.Rate(w.ctx, w.account, conversation.Rating{Message: answer, User: w.user, Verdict: v, Reason: reason, RatedAt: w.now()})
	}
	mine := func() map[conversation.MessageID]conversation.Rating {
		w.Helper()
		of, err := w.chats.RatingsOf(w.ctx, w.account, w.user, []conversation.MessageID{answer, question})
		w.must(err)
		return of
	}
	rev := func() int64 {
		w.Helper()
		m, err := w.chats.Message(w.ctx, w.account, answer)
		w.must(err)
		return m.Rev
	}
	before := rev()
	w.must(w.chats.Unrate(w.ctx, w.account, w.user, answer))
	wantEqual(w, "revision, nothing taken back", rev(), before)
	w.must(rate(conversation.Up, ""))
	w.must(rate(conversation.Down, "wrong"))
	if of := mine(); len(of) != 1 || of[answer].Verdict != conversation.Down || of[answer].Reason != "wrong" || of[answer].RatedAt.IsZero() {
		w.Errorf("rated %+v", of)
	}
	d, err := w.chats.Changes(w.ctx, w.account, w.db.Epoch(), before, 10)
	w.must(err)
	if len(d.Messages) != 1 || d.Messages[0].ID != answer || d.Messages[0].Rev != before+2 || d.Rev != before+2 {
		w.Errorf("changes %+v", d)
	}
	others, err := w.chats.RatingsOf(w.ctx, w.account, "someone else", []conversation.MessageID{answer})
	w.must(err)
	wantEqual(w, "another's", len(others), 0)

	of := usage.Whose{Account: w.account}
	counted, err := w.db.Usage().Rated(w.ctx, of, w.clock.Add(-time.Hour), w.clock.Add(time.Hour))
	w.must(err)
	if len(counted) != 1 || counted[0] != (usage.Rated{Model: rec.Model, Down: 1}) {
		w.Errorf("counted %+v", counted)
	}

	w.want(fault.Invalid, rate("sideways", ""))
	w.want(fault.Invalid, rate(conversation.Up, strings.Repeat("x", conversation.MaxReason+1)))
	w.want(fault.TextInvalid, rate(conversation.Up, "a\x00b"))
	for _, id := range []conversation.MessageID{question, newMessageID()} {
		w.want(fault.NotFound, w.chats.Rate(w.ctx, w.account, conversation.Rating{Message: id, User: w.user, Verdict: conversation.Up}))
		w.want(fault.NotFound, w.chats.Unrate(w.ctx, w.account, w.user, id))
	}
	w.want(fault.NotFound, w.chats.Rate(w.ctx, "another", conversation.Rating{Message: answer, User: w.user, Verdict: conversation.Up}))
	w.must(w.chats.Unrate(w.ctx, w.account, w.user, answer))
	wantEqual(w, "taken back", len(mine()), 0)

	w.must(rate(conversation.Up, "good"))
	w.must(w.chats.Delete(w.ctx, w.account, chat.ID, w.now()))
	w.want(fault.NotFound, rate(conversation.Down, ""))
	_, err = w.chats.Purge(w.ctx, w.clock.Add(time.Hour))
	w.must(err)
	wantEqual(w, "ratings of what is gone", w.count(`SELECT count(*) FROM message_ratings`), 0)
}
