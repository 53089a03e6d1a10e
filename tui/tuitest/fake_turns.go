package tuitest

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// Models implements tui.Turns.
func (f *Fake) Models(ctx context.Context) (wire.ModelList, error) {
	if err := f.hang(ctx); err != nil {
		return wire.ModelList{}, err
	}
	return f.Catalogue, nil
}

// About implements tui.Turns.
func (f *Fake) About(ctx context.Context) (tui.Server, error) {
	if err := f.hang(ctx); err != nil {
		return tui.Server{}, err
	}
	return f.Server, nil
}

// Ask implements tui.Turns.
func (f *Fake) Ask(ctx context.Context, id string, n wire.NewTurn) (tui.Stream, error) {
	if err := f.hang(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	if err := f.Refuse; err != nil {
		f.Refuse = nil
		f.mu.Unlock()
		return nil, err
	}
	if t := f.turns[n.ID]; t != nil {
		f.mu.Unlock()
		return t.stream(), nil
	}
	c := f.conversations[id]
	if c == nil && n.Create != nil {
		c = &wire.Conversation{ID: id, Origin: wire.OriginChat, Listed: true, Model: n.Model}
		f.conversations[id] = c
	}
	if c == nil {
		f.mu.Unlock()
		return nil, notFound(id)
	}
	if c.Running != "" {
		f.mu.Unlock()
		return nil, &tui.Failure{Code: wire.TurnRunning, Text: "Another answer is being written.", Subject: c.Running}
	}
	t := f.startTurn(c, n)
	auto, begun := f.Auto, f.Begun
	f.mu.Unlock()
	if begun != nil {
		begun <- t
	}
	if auto != nil {
		asked := "the same again"
		if n.Question != nil {
			asked = n.Question.Parts[0].Text
		}
		t.Say(auto(asked))
		t.End(wire.Message{})
	}
	return t.stream(), nil
}

func (f *Fake) startTurn(c *wire.Conversation, n wire.NewTurn) *Turn {
	parent := n.Parent
	if parent == "" {
		parent = c.Leaf
	}
	if parent == wire.ParentRoot {
		parent = ""
	}
	if q := n.Question; q != nil {
		if c.Title == "" {
			c.Title, _, _ = strings.Cut(q.Parts[0].Text, "\n")
		}
		f.AddMessage(wire.Message{ID: q.ID, Conversation: c.ID, Parent: parent, Role: wire.RoleUser,
			State: wire.StateComplete, Parts: q.Parts})
		parent = q.ID
	}
	t := &Turn{fake: f, ID: n.ID, Conversation: c.ID, more: make(chan struct{}),
		answer: wire.Message{Parent: parent, Model: c.Model}}
	t.events = []tui.Event{{Name: wire.EventTurn}}
	f.turns[n.ID] = t
	c.Running = n.ID
	f.touch(c)
	return t
}

// finish stores an answer.
func (f *Fake) finish(t *Turn, msg wire.Message) wire.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[t.Conversation]
	if c == nil { // deleted meanwhile
		return msg
	}
	f.rev++
	msg.Rev = f.rev
	f.messages[c.ID] = append(f.messages[c.ID], msg)
	c.Running, c.Leaf = "", msg.ID
	f.touch(c)
	return f.withSiblings(msg)
}

// Attach implements tui.Turns.
func (f *Fake) Attach(ctx context.Context, turn string) (tui.Stream, error) {
	if err := f.hang(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.turns[turn]
	if t == nil {
		return nil, &tui.Failure{Code: wire.NotFound, Text: "There is no such turn."}
	}
	return t.stream(), nil
}

// Cancel implements tui.Turns.
func (f *Fake) Cancel(ctx context.Context, turn string) error {
	if err := f.hang(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	t := f.turns[turn]
	var running bool
	if t != nil && f.conversations[t.Conversation] != nil {
		running = f.conversations[t.Conversation].Running == turn
	}
	f.mu.Unlock()
	if running {
		t.End(wire.Message{State: wire.StateCancelled})
	}
	return nil
}
