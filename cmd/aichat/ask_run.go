package main

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// runAsk asks, shows the answer and remembers the conversation.
func (p *program) runAsk(ctx context.Context, o askOptions) error {
	show := p.shower(o)
	a := &answer{}
	read, done := p.whileRead(ctx)
	defer done()
	err := p.askAndShow(read, o, a, show)
	if err == nil {
		return nil
	}
	f := p.failureOf(ctx, err)
	if !o.json && !o.streamJSON || errors.Is(err, errQuiet) {
		return err
	}
	if wrote := show.failed(a, f); wrote != nil {
		return wrote
	}
	if p.err.terminal && !p.out.terminal {
		return f // stdout is somebody's pipe: the person hears of it too
	}
	return said{f}
}

// whileRead is a context that ends when the reader of stdout has gone, also
// while there is nothing to write: a model that thinks for a minute is not paid
// for by somebody who has left.
func (p *program) whileRead(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if p.out.gone != nil {
		go func() {
			if p.out.gone() {
				cancel(errQuiet)
			}
		}()
	}
	return ctx, func() { cancel(nil) }
}

func (p *program) askAndShow(ctx context.Context, o askOptions, a *answer, show shower) error {
	if err := o.check(); err != nil {
		return err
	}
	prompt, err := p.gather(ctx, o)
	if err != nil {
		return err
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	turn, conversation, err := p.compose(ctx, c, o, prompt)
	if err != nil {
		return err
	}
	if !o.noSave {
		a.Conversation = conversation
	}
	a.Question, a.Message = turn.Question.ID, turn.ID
	if err := p.follow(ctx, c, conversation, turn, a, show); err != nil {
		show.cut(a)
		p.giveUp(ctx, c, a)
		return err
	}
	if !o.noSave {
		p.remember(conversation, o)
	}
	return a.failure()
}

// compose makes the turn, in the conversation that is named, the last one, or a
// new one.
func (p *program) compose(
	ctx context.Context, c *client.Client, o askOptions, prompt string,
) (turn wire.NewTurn, conversation string, err error) {
	turn = wire.NewTurn{
		ID:        newID(),
		Question:  &wire.Question{ID: newID(), Parts: []wire.Part{{Type: wire.PartText, Text: prompt}}},
		Ephemeral: o.noSave,
	}
	if o.maxTokens > 0 {
		turn.MaxTokens = &o.maxTokens
	}
	if !math.IsNaN(o.temperature) {
		turn.Temperature = &o.temperature
	}
	if o.system != "" {
		turn.System = &o.system
	}
	switch {
	case o.chat != "":
		conversation, err = p.chatID(ctx, c, o.chat)
	case o.last:
		conversation, err = p.lastAsked()
	default:
		return p.composeNew(turn, o, titleOf(prompt))
	}
	turn.Model = p.namedModel(o)
	return turn, conversation, err
}

// composeNew makes the turn begin a conversation, which is stored with it unless
// nothing is to be.
func (p *program) composeNew(turn wire.NewTurn, o askOptions, title string) (wire.NewTurn, string, error) {
	target, err := p.lenders.target()
	if err != nil {
		return turn, "", err
	}
	if turn.Model, err = p.modelFor(o); err != nil {
		return turn, "", err
	}
	system := cmp.Or(o.system, target.System)
	conversation := newID()
	if o.noSave {
		if system != "" {
			turn.System = &system
		}
		return turn, conversation, nil
	}
	turn.System = nil // it is the conversation's
	turn.Create = &wire.NewConversation{
		ID: conversation, Title: title, Model: turn.Model, System: system, Origin: wire.OriginAsk,
	}
	return turn, conversation, nil
}

// chatID spares the question to the server where the whole id was given.
func (p *program) chatID(ctx context.Context, c *client.Client, id string) (string, error) {
	if parsed, err := uuid.Parse(id); err == nil {
		return parsed.String(), nil
	}
	chat, err := c.ConversationByPrefix(ctx, id)
	return chat.ID, err
}

// follow reads the turn to its end and shows it on the way.
func (p *program) follow(
	ctx context.Context, c *client.Client, conversation string, turn wire.NewTurn, a *answer, show shower,
) error {
	a.begun = true
	stream, err := c.StartTurn(ctx, conversation, turn)
	if err != nil {
		return err
	}
	defer stream.Close()
	for a.End == nil {
		ev, err := stream.Next(ctx)
		if err != nil {
			return err
		}
		a.take(ev)
		if err := show.event(ev, a); err != nil {
			return err
		}
	}
	return show.end(a)
}

// cancelWithin is how long a command that is leaving waits for the server to
// hear that it is not waiting for the answer any more.
const cancelWithin = 2 * time.Second

// giveUp cancels a turn that nobody waits for: after a signal, or when the
// reader of the output has gone. Where the connection is lost the turn is left
// to finish: it can be read later.
func (p *program) giveUp(ctx context.Context, c *client.Client, a *answer) {
	if a.End != nil || !a.begun {
		return
	}
	bounded, done := context.WithTimeout(context.WithoutCancel(ctx), cancelWithin)
	defer done()
	for bounded.Err() == nil {
		err := c.CancelTurn(bounded, a.Message)
		if client.CodeOf(err) != wire.NotFound || a.Turn != nil {
			return
		}
		// The question may still be on its way: a moment later it is known.
		pause(bounded, 20*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// newID makes a UUIDv7: ids are made by whoever creates the thing.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
