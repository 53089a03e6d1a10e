package tuitest

import (
	"context"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// Conversations implements tui.Library.
func (f *Fake) Conversations(ctx context.Context, _ string) (wire.ConversationPage, error) {
	if err := f.hang(ctx); err != nil {
		return wire.ConversationPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var page wire.ConversationPage
	for _, c := range f.conversations {
		if c.Listed {
			page.Conversations = append(page.Conversations, *c)
		}
	}
	slices.SortFunc(page.Conversations, func(a, b wire.Conversation) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	return page, nil
}

// Conversation implements tui.Library.
func (f *Fake) Conversation(ctx context.Context, id string) (wire.Conversation, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Conversation{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conversations {
		if strings.HasPrefix(c.ID, id) {
			return *c, nil
		}
	}
	return wire.Conversation{}, notFound(id)
}

// Messages implements tui.Library.
func (f *Fake) Messages(ctx context.Context, id, before string) (wire.MessagePage, error) {
	if err := f.hang(ctx); err != nil {
		return wire.MessagePage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[id]
	if c == nil {
		return wire.MessagePage{}, notFound(id)
	}
	branch := f.branch(c)
	if before != "" {
		branch = branch[:slices.IndexFunc(branch, func(m wire.Message) bool { return m.ID == before })]
	}
	page := wire.MessagePage{Messages: branch}
	if n := len(branch) - f.PageSize; n > 0 {
		page.Messages = branch[n:]
		page.Before = page.Messages[0].ID
	}
	return page, nil
}

func (f *Fake) branch(c *wire.Conversation) []wire.Message {
	byID := map[string]wire.Message{}
	for _, m := range f.messages[c.ID] {
		byID[m.ID] = m
	}
	var branch []wire.Message
	for id := c.Leaf; id != ""; id = byID[id].Parent {
		branch = append(branch, f.withSiblings(byID[id]))
	}
	slices.Reverse(branch)
	return branch
}

func (f *Fake) withSiblings(msg wire.Message) wire.Message {
	if len(f.messages[msg.Conversation]) > 500 {
		return msg // a long conversation in a benchmark has none
	}
	msg.Siblings = nil
	for _, m := range f.messages[msg.Conversation] {
		if m.Parent == msg.Parent {
			msg.Siblings = append(msg.Siblings, m.ID)
		}
	}
	if len(msg.Siblings) < 2 {
		msg.Siblings = nil
	}
	return msg
}

// Search implements tui.Library.
func (f *Fake) Search(ctx context.Context, query string) (wire.SearchPage, error) {
	if err := f.hang(ctx); err != nil {
		return wire.SearchPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var page wire.SearchPage
	for id, c := range f.conversations {
		for _, m := range f.messages[id] {
			text := m.Parts[0].Text
			if at := strings.Index(strings.ToLower(text), strings.ToLower(query)); at >= 0 {
				page.Hits = append(page.Hits, wire.Hit{Conversation: id, Title: c.Title, Message: m.ID, Role: m.Role,
					Snippet: text, Marks: [][2]int{{at, at + len(query)}}})
			}
		}
	}
	slices.SortFunc(page.Hits, func(a, b wire.Hit) int { return strings.Compare(a.Message, b.Message) })
	return page, nil
}

// Change implements tui.Library.
func (f *Fake) Change(ctx context.Context, id string, change wire.ConversationChange) (wire.Conversation, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Conversation{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[id]
	if c == nil {
		return wire.Conversation{}, notFound(id)
	}
	set(&c.Title, change.Title)
	set(&c.Model, change.Model)
	if change.Leaf != nil {
		c.Leaf = f.newestBelow(id, *change.Leaf)
	}
	set(&c.Listed, change.Listed)
	f.touch(c)
	return *c, nil
}

// newestBelow is the end of the newest branch through a message: messages are
// kept oldest first.
func (f *Fake) newestBelow(conversation, from string) string {
	below, ended := map[string]bool{from: true}, map[string]bool{}
	leaf := from
	for _, m := range f.messages[conversation] {
		if below[m.Parent] {
			below[m.ID], ended[m.Parent] = true, true
		}
	}
	for _, m := range f.messages[conversation] {
		if below[m.ID] && !ended[m.ID] {
			leaf = m.ID
		}
	}
	return leaf
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Delete implements tui.Library.
func (f *Fake) Delete(ctx context.Context, id string) error {
	if err := f.hang(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[id]
	if c == nil {
		return notFound(id)
	}
	f.deleted[id] = c
	delete(f.conversations, id)
	f.tell()
	return nil
}

// Restore implements tui.Library.
func (f *Fake) Restore(ctx context.Context, id string) (wire.Conversation, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Conversation{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.deleted[id]
	if c == nil {
		return wire.Conversation{}, notFound(id)
	}
	f.conversations[id] = c
	delete(f.deleted, id)
	f.touch(c)
	return *c, nil
}

// Watch implements tui.Library.
func (f *Fake) Watch(ctx context.Context, told func(tui.Change)) error {
	w := make(chan tui.Change, 16)
	f.mu.Lock()
	f.watchers = append(f.watchers, w)
	now := tui.Change{Lost: f.lost}
	f.mu.Unlock()
	told(now)
	for {
		select {
		case c := <-w:
			told(c)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
