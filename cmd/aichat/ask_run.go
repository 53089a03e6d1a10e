package main

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
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
	q, err := p.compose(ctx, c, o, prompt)
	if err != nil {
		return err
	}
	if !o.noSave {
		a.Conversation = q.conversation
	}
	a.Question, a.Message = q.turn.Question.ID, q.turn.ID
	if err := p.follow(ctx, c, o, q, a, show); err != nil {
		show.cut(a)
		p.giveUp(ctx, c, a)
		return err
	}
	if err := a.failure(); err != nil {
		return err
	}
	p.rememberModel(o)
	return nil
}

// question is what is to be asked, and where.
type question struct {
	conversation string
	turn         wire.NewTurn
	recalled     bool // its model is only the last one chosen
}

// compose makes the turn, in the conversation that is named, the last one, or a
// new one.
func (p *program) compose(ctx context.Context, c *client.Client, o askOptions, prompt string) (q question, err error) {
	turn := wire.NewTurn{
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
		q.conversation, err = p.chatID(ctx, c, o.chat)
	case o.last:
		q.conversation, err = p.lastAsked()
	default:
		return p.composeNew(turn, o, titleOf(prompt))
	}
	turn.Model = p.namedModel(o)
	q.turn = turn
	return q, err
}

// composeNew makes the turn begin a conversation, which is stored with it unless
// nothing is to be.
func (p *program) composeNew(turn wire.NewTurn, o askOptions, title string) (question, error) {
	target, err := p.lenders.target()
	if err != nil {
		return question{}, err
	}
	asked, err := p.askedModel(o)
	if err != nil {
		return question{}, err
	}
	if turn.Model, err = p.modelFor(o); err != nil {
		return question{}, err
	}
	q := question{conversation: newID(), turn: turn, recalled: turn.Model != asked}
	system := cmp.Or(o.system, target.System)
	if o.noSave {
		if system != "" {
			q.turn.System = &system
		}
		return q, nil
	}
	q.turn.System = nil // it is the conversation's
	q.turn.Create = &wire.NewConversation{
		ID: q.conversation, Title: title, Model: q.turn.Model, System: system, Origin: wire.OriginAsk,
	}
	return q, nil
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
	ctx context.Context, c *client.Client, o askOptions, q question, a *answer, show shower,
) error {
	a.begun = true
	stream, err := c.StartTurn(ctx, q.conversation, q.turn)
	if q.recalled && client.CodeOf(err) == wire.NoKey {
		p.notes(o).say("no key for " + oneLine(q.turn.Model) + ", the last model chosen: the server chooses another")
		stream, err = c.StartTurn(ctx, q.conversation, q.unnamed())
	}
	if err != nil {
		a.begun = !notTaken(err)
		return err
	}
	defer stream.Close()
	p.rememberChat(q.conversation, o)
	connection := outage{after: patience, say: p.notes(o).outage}
	for a.End == nil {
		ev, err := connection.next(ctx, stream)
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

// unnamed is the turn with the choice of its model left to the server.
func (q question) unnamed() wire.NewTurn {
	turn := q.turn
	turn.Model = ""
	if turn.Create != nil {
		create := *turn.Create
		create.Model, turn.Create = "", &create
	}
	return turn
}

// notTaken reports whether the server has said that it did not take the turn. What
// a failing server or a gateway says proves nothing.
func notTaken(err error) bool {
	refusal, ok := errors.AsType[*client.Error](err)
	return ok && refusal.Status < http.StatusInternalServerError
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
