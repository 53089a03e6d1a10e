package httpapi_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/usage"
)

// books is a ledger in memory, which adds up its rows one by one.
type books struct {
	rows  []usage.Entry // newest first
	rated []usage.Rated
	chats map[string]string // titles

	mu    sync.Mutex
	asked []usage.Whose
}

func (b *books) within(of usage.Whose, from, to time.Time) []usage.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, of)
	return slices.DeleteFunc(slices.Clone(b.rows), func(e usage.Entry) bool {
		return of.Member != "" && of.Member != e.Member || of.Account != "" && of.Account != e.Account ||
			!from.IsZero() && e.At().Before(from) || !to.IsZero() && !e.At().Before(to)
	})
}

func (b *books) Sums(_ context.Context, of usage.Whose, by usage.By, bounds []time.Time) (all []usage.Group, err error) {
	for _, e := range b.within(of, bounds[0], bounds[len(bounds)-1]) {
		g := usage.Group{At: e.At(), All: usage.SumsOf(&e)}
		switch by {
		case usage.ByModel:
			g.Key = e.ModelID()
		case usage.ByConversation:
			g.Key = e.Conversation
		case usage.ByMember:
			g.Key = string(e.Member)
		case usage.ByKey:
			g.Key = e.KeyID
		case usage.ByAccount:
			g.Key = string(e.Account)
		}
		if !e.Charged {
			g.Uncharged = g.All
		}
		all = append(all, g)
	}
	return all, nil
}

func (b *books) Outcomes(_ context.Context, of usage.Whose, from, to time.Time) (all []usage.Ending, err error) {
	for _, e := range b.within(of, from, to) {
		all = append(all, usage.Ending{Model: e.ModelID(), Kind: e.Kind, Outcome: e.Outcome, Finish: e.Finish, ErrorCode: e.ErrorCode,
			Calls: 1, Retries: int64(e.Attempt - 1), MicroUSD: e.CostMicroUSD})
	}
	return all, nil
}

func (b *books) Latencies(_ context.Context, of usage.Whose, from, to time.Time, most int) (all []usage.Took, err error) {
	for _, e := range b.within(of, from, to) {
		all = append(all, usage.Took{Model: e.ModelID(), FirstToken: e.FirstToken, Total: e.Total, Completed: e.Outcome == usage.Completed})
	}
	return all[:min(most, len(all))], nil
}

func (b *books) Rated(context.Context, usage.Whose, time.Time, time.Time) ([]usage.Rated, error) {
	return b.rated, nil
}

func (b *books) Page(_ context.Context, q usage.PageQuery) ([]usage.Entry, error) {
	all := slices.DeleteFunc(b.within(q.Whose, q.From, q.To), func(e usage.Entry) bool {
		return q.Model != "" && q.Provider+"/"+q.Model != e.ModelID() || q.Conversation != "" && q.Conversation != e.Conversation ||
			q.After != nil && !e.At().Before(q.After.At)
	})
	return all[:min(q.Limit, len(all))], nil
}

func (b *books) Titles(context.Context, identity.AccountID, []string) (map[string]string, error) {
	return b.chats, nil
}

func (b *books) Members(context.Context, []string) (map[string]string, error) {
	return map[string]string{aUser: "Ada"}, nil
}

func (b *books) MembersOf(context.Context, identity.AccountID) (map[string]string, error) {
	return map[string]string{aUser: "Ada", bUser: "Bob"}, nil
}

func (b *books) Accounts(context.Context, []string) (map[string]string, error) {
	return map[string]string{anAcct: "Ada"}, nil
}

func (b *books) Keys(_ context.Context, to usage.Reading, _ []string) (map[string]string, error) {
	if !to.Operator {
		return map[string]string{"k1": "read by " + string(to.Account) + " " + string(to.User)}, nil
	}
	return map[string]string{"k1": "Team key"}, nil
}

// opinions are ratings in memory, of one answer.
type opinions struct {
	mu    sync.Mutex
	rated map[identity.UserID]conversation.Rating
}

func (o *opinions) Rate(_ context.Context, _ identity.AccountID, r conversation.Rating) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.Message != aTurn {
		return fault.New(fault.NotFound, "There is no such message.")
	}
	o.rated[r.User] = r
	return nil
}

func (o *opinions) Unrate(_ context.Context, _ identity.AccountID, user identity.UserID, _ conversation.MessageID) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.rated, user)
	return nil
}

func (o *opinions) RatingsOf(_ context.Context, _ identity.AccountID, user identity.UserID, ids []conversation.MessageID) (map[conversation.MessageID]conversation.Rating, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	of := map[conversation.MessageID]conversation.Rating{}
	if r, rated := o.rated[user]; rated && slices.Contains(ids, r.Message) {
		of[r.Message] = r
	}
	return of, nil
}
