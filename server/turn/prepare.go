package turn

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// plan is a turn that has been thought through and not begun.
type plan struct {
	begin  *BeginParams // until it is stored
	call   generate.Call
	notice *Notice
	hold   *quota.Hold
	who    identity.Principal

	title string // the conversation's, as far as it is known
	// entitle says that a title is to be made once the answer is there.
	entitle  bool
	question string // the head of its text, for the title
}

// titleRunes is how much of a first line becomes a title.
const titleRunes = 80

// cancel gives up a plan, if there is one; a second time it does nothing.
func (pl *plan) cancel() {
	if pl != nil {
		pl.hold.Cancel()
	}
}

// prepare reads what the turn needs and stores nothing.
func (s *Service) prepare(ctx context.Context, p identity.Principal, req Request, l *live, look looks) (*plan, error) {
	conv, fresh, err := s.conversationOf(ctx, p, req, look)
	if err != nil {
		return nil, err
	}
	history, parent, err := s.history(ctx, p, req, conv, fresh)
	if err != nil {
		return nil, err
	}
	route, err := s.options.Directory.Route(ctx, caller(p, req), cmp.Or(req.Model, conv.Model))
	if err != nil {
		return nil, err
	}
	g := s.gauge(&route)
	request, notice, err := compose(ctx, req, conv, history, route.Model, g)
	if err != nil {
		return nil, err
	}
	pl := &plan{notice: notice, title: conv.Title, who: p}
	pl.call = generate.Call{Account: p.Account, Member: p.User, Kind: usage.Answer, Turn: string(req.ID),
		Route: route, Request: request}
	if !req.Ephemeral {
		pl.call.Conversation = string(conv.ID)
	}
	if pl.hold, err = s.admit(ctx, p, &pl.call, reservation(req), g, look); err != nil {
		return nil, err
	}
	s.fillBegin(pl, p, req, l, conv, fresh, parent)
	pl.begin.Unseen = !look.conversation
	return pl, nil
}

// reservation names what the answer will hold. Whoever ends a saved turn finds it
// by the turn's id. That of an unsaved one is the client's word alone: another
// server may run a turn of the same id, whose reservation is not ours to settle.
func reservation(req Request) string {
	if req.Ephemeral {
		return conversation.NewID()
	}
	return string(req.ID)
}

// caller is who asks the directory for a way.
func caller(p identity.Principal, req Request) provider.Caller {
	return provider.Caller{Env: req.Env, Local: p.Local, DefaultModel: p.DefaultModel,
		Account: p.Account, User: p.User, Conversation: string(req.Conversation)}
}

// admit asks the policy for the call, and lets it ask the provider for no more
// than can be paid. The prompt is counted where its guess would be refused. The
// hold is the caller's to leave or cancel.
func (s *Service) admit(ctx context.Context, p identity.Principal, call *generate.Call, id string, g *gauge, look looks) (*quota.Hold, error) {
	request, m := call.Request, call.Route.Model
	call.Ratio = s.options.Ratios.Of(&m)
	usual := cmp.Or(request.MaxTokens, m.Output)
	hold, err := s.options.Policy.Admit(ctx, quota.Ask{Principal: p, Route: call.Route, ID: id, Kind: call.Kind,
		Conversation: call.Conversation, Prompt: s.longest(&call.Route, request, g), MaxOutput: usual, Look: look.left,
		Count: func(ctx context.Context) int64 {
			g.count(ctx, request)
			return s.longest(&call.Route, request, g)
		}})
	if err != nil {
		return nil, err
	}
	if most := hold.OutputWithin(usual); most != usual {
		request.MaxTokens = most
		request.OutputLimit = cmp.Or(min(request.OutputLimit, most), most)
	}
	call.Charged, call.Reservation = hold.Charged(), hold.Name()
	call.Route.Others = slices.DeleteFunc(call.Route.Others, func(way provider.Route) bool { return !hold.Covers(&way) })
	return hold, nil
}

// longest is how many tokens a prompt may have for any of the models that the call
// may go to. A count is of the first one's only.
func (s *Service) longest(way *provider.Route, r *provider.Request, g *gauge) int64 {
	guess := provider.EstimatePrompt(r)
	most := g.of(guess)
	for i := range way.Others {
		if other := &way.Others[i].Model; other.ID() != way.Model.ID() {
			most = max(most, s.options.Ratios.Of(other).Of(guess))
		}
	}
	return most
}

// fillBegin says what Begin is to store.
func (s *Service) fillBegin(pl *plan, p identity.Principal, req Request, l *live, conv conversation.Conversation, fresh bool, parent conversation.MessageID) {
	now, question := s.options.Now(), ""
	pl.begin = &BeginParams{Lease: s.options.Lease, Now: now, Hold: pl.hold.Reserved(), Record: Record{
		Ref: l.ref, Conversation: conv.ID, Question: req.Parent, Member: p.User,
		Model: pl.call.Route.Model.ID(), Digest: l.digest, Owner: s.owner,
	}}
	if q := req.Question; q != nil {
		pl.begin.Record.Question = q.ID
		pl.begin.Ask = &conversation.Message{Account: p.Account, Conversation: conv.ID, ID: q.ID, Parent: parent,
			Role: conversation.User, Parts: q.Parts, State: conversation.Complete, CreatedAt: now}
		question = conversation.PlainText(q.Parts)
		if req.Parent == "" && !req.Root {
			pl.begin.Leaf = &parent
		}
	}
	if !fresh || req.Ephemeral {
		return
	}
	if conv.Title == "" {
		conv.Title = firstLine(question)
		if pl.entitle = conv.Origin == conversation.FromChat; pl.entitle {
			pl.question = strings.Clone(head(question))
		}
	}
	conv.Account, conv.CreatedAt, conv.UpdatedAt = p.Account, now, now
	pl.begin.Create, pl.title = &conv, conv.Title
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return shortTitle(line)
}

// shortTitle is a title of one line and bounded length.
func shortTitle(text string) string {
	title := []rune(conversation.Title(text))
	if len(title) > titleRunes {
		return string(title[:titleRunes-1]) + "…"
	}
	return string(title)
}

// conversationOf is the conversation of the turn; fresh says that it is to be
// created.
func (s *Service) conversationOf(ctx context.Context, p identity.Principal, req Request, look looks) (c conversation.Conversation, fresh bool, err error) {
	switch {
	case req.Ephemeral:
		return conversation.Conversation{}, true, nil
	case !look.conversation:
		return created(req)
	}
	c, err = s.options.Conversations.Get(ctx, p.Account, req.Conversation)
	switch {
	case fault.Is(err, fault.NotFound) && req.Create != nil:
		return created(req)
	case err != nil:
		return c, false, err
	case c.Running != "" && c.Running != req.ID:
		return c, false, &fault.Error{Kind: fault.TurnRunning, Subject: string(c.Running)}
	}
	return c, false, nil
}

// created is the conversation that the request creates.
func created(req Request) (c conversation.Conversation, fresh bool, err error) {
	c = *req.Create
	return c, true, conversation.CheckText("title", c.Title+c.Model+c.System)
}

// history is the branch that the model is to see, the question included, and
// the message that the question follows.
func (s *Service) history(ctx context.Context, p identity.Principal, req Request, conv conversation.Conversation, fresh bool) (branch []conversation.Message, parent conversation.MessageID, err error) {
	parent = req.Parent
	if parent == "" && !req.Root {
		parent = conv.Leaf
	}
	if fresh && req.Parent != "" {
		return nil, "", fault.New(fault.NotFound, "A new conversation has no message to follow.")
	}
	if parent != "" {
		branch, err = s.options.Conversations.Branch(ctx, p.Account, conv.ID, parent, "", 0)
		if err != nil {
			return nil, "", err
		}
	}
	if len(branch) >= conversation.MaxMessages {
		return nil, "", fault.New(fault.TooLarge, "This conversation has reached %d messages; fork it or begin a new one.", conversation.MaxMessages)
	}
	if req.Question == nil {
		if last := branch[len(branch)-1]; last.Role != conversation.User {
			return nil, "", fault.New(fault.Invalid, "Only a question can be answered anew: name the question, not the answer.")
		}
		return branch, parent, nil
	}
	question := conversation.Message{Role: conversation.User, Parts: req.Question.Parts}
	return append(branch, question), parent, nil
}
