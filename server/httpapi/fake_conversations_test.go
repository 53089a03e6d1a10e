package httpapi_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// conversations is a fake store of one account's conversations.
type conversations struct {
	conversation.Store
	mu       sync.Mutex
	byID     map[conversation.ID]conversation.Conversation
	messages []conversation.Message
	failWith error
	searched conversation.SearchQuery
}

func (s *conversations) Create(_ context.Context, c conversation.Conversation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failWith != nil {
		return s.failWith
	}
	if old, ok := s.byID[c.ID]; ok && old.Title != c.Title {
		return &fault.Error{Kind: fault.IDConflict}
	}
	s.byID[c.ID] = c
	return nil
}

func (s *conversations) Get(_ context.Context, _ identity.AccountID, id conversation.ID) (conversation.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failWith != nil {
		return conversation.Conversation{}, s.failWith
	}
	c, ok := s.byID[id]
	if !ok {
		return c, &fault.Error{Kind: fault.NotFound}
	}
	return c, nil
}

func (s *conversations) List(_ context.Context, _ identity.AccountID, q conversation.ListQuery) ([]conversation.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []conversation.Conversation
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		if (q.After == nil || id > q.After.ID) && len(page) < q.Limit {
			page = append(page, s.byID[id])
		}
	}
	return page, nil
}

func (s *conversations) FindByPrefix(_ context.Context, _ identity.AccountID, prefix string, _ int) ([]conversation.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []conversation.Conversation
	for id, c := range s.byID {
		if strings.HasPrefix(string(id), prefix) {
			found = append(found, c)
		}
	}
	return found, nil
}

func (s *conversations) Change(ctx context.Context, account identity.AccountID, id conversation.ID, ch conversation.Change, _ time.Time) (conversation.Conversation, error) {
	c, err := s.Get(ctx, account, id)
	if err == nil && ch.Title != nil {
		c.Title, c.TitleByUser = *ch.Title, true
	}
	return c, err
}

func (s *conversations) Delete(_ context.Context, _ identity.AccountID, id conversation.ID, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
	return nil
}

func (s *conversations) Restore(ctx context.Context, account identity.AccountID, id conversation.ID, _ time.Time) (conversation.Conversation, error) {
	return s.Get(ctx, account, id)
}

func (s *conversations) Fork(_ context.Context, account identity.AccountID, from conversation.ID, at conversation.MessageID, to conversation.ID, now time.Time) (conversation.Conversation, error) {
	return conversation.Conversation{Account: account, ID: to, ForkOf: from, ForkAt: at, Origin: conversation.FromChat, CreatedAt: now, UpdatedAt: now}, nil
}

func (s *conversations) Branch(context.Context, identity.AccountID, conversation.ID, conversation.MessageID, conversation.MessageID, int) ([]conversation.Message, error) {
	return s.messages, nil
}

func (s *conversations) SiblingsOf(_ context.Context, _ identity.AccountID, ids []conversation.MessageID) (map[conversation.MessageID][]conversation.MessageID, error) {
	of := map[conversation.MessageID][]conversation.MessageID{}
	for _, id := range ids {
		of[id] = []conversation.MessageID{id, unknown}
	}
	return of, nil
}

func (s *conversations) Search(_ context.Context, _ identity.AccountID, q conversation.SearchQuery) ([]conversation.Hit, error) {
	s.searched = q
	return []conversation.Hit{
		{Conversation: aConv, Message: aMessage, Role: conversation.User, CreatedAt: noon, Snippet: "a word", Marks: [][2]int{{2, 6}}},
		{Conversation: aConv, Message: aTurn, Role: conversation.Assistant, CreatedAt: noon, Snippet: "no marks"},
	}, nil
}

func (s *conversations) Changes(_ context.Context, _ identity.AccountID, epoch string, after int64, _ int) (conversation.Delta, error) {
	if epoch == "gone" {
		return conversation.Delta{}, &fault.Error{Kind: fault.SyncReset}
	}
	return conversation.Delta{Epoch: "e", Rev: after + 1, Messages: s.messages, Deleted: []conversation.ID{bConv}}, nil
}
