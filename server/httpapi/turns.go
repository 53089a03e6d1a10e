package httpapi

import (
	"context"
	"io"
	"math"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
)

// Bounds of a request's figures. No model writes a billion tokens; the vendors
// document temperatures from 0 to 2.
const (
	mostTokens  = 1_000_000_000
	mostHeat    = 2
	longestName = 300 // bytes of a model's name
)

// beginTurn begins a turn or attaches to it, and then either follows it or says
// how it stands, as Accept asks.
func (a *API) beginTurn(c *gin.Context) telling {
	feed, created, err := a.begin(c)
	a.sayPace(c)
	switch {
	case err != nil:
		a.fail(c, err)
		return nil
	case wantsStream(c.GetHeader("Accept")):
		return a.follow(feed)
	}
	defer feed.Close()
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	c.JSON(status, turnOut(feed.Status()))
	return nil
}

func (a *API) begin(c *gin.Context) (turn.Feed, bool, error) {
	after, err := lastEventID(c.Request)
	if err != nil {
		return nil, false, err
	}
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return nil, false, unreadable(err)
	}
	c.Request.Body = http.NoBody
	var asked wire.NewTurn
	if err := decode(raw, &asked); err != nil {
		return nil, false, err
	}
	who := callerOf(c.Request.Context())
	req, err := a.turnIn(who, c.Param("id"), &asked)
	if err != nil {
		return nil, false, err
	}
	return a.Turns.Begin(c.Request.Context(), who.Principal, req, after)
}

// wantsStream reports whether an Accept header names the event stream, and does
// not name JSON before it.
func wantsStream(accept string) bool {
	for name := range strings.SplitSeq(accept, ",") {
		switch kind, _, _ := mime.ParseMediaType(name); kind {
		case "text/event-stream":
			return true
		case "application/json":
			return false
		}
	}
	return false
}

func (a *API) turnIn(who caller, conv string, asked *wire.NewTurn) (turn.Request, error) {
	if err := checkTurn(conv, asked); err != nil {
		return turn.Request{}, err
	}
	req := turn.Request{
		ID:          turn.ID(asked.ID),
		Model:       asked.Model,
		System:      asked.System,
		MaxTokens:   asked.MaxTokens,
		Temperature: asked.Temperature,
		Ephemeral:   asked.Ephemeral,
		Env:         who.env,
	}
	if !asked.Ephemeral {
		req.Conversation = conversation.ID(conv)
	}
	if asked.Parent == wire.ParentRoot {
		req.Root = true
	} else {
		req.Parent = conversation.MessageID(asked.Parent)
	}
	if q := asked.Question; q != nil {
		req.Question = &turn.Question{ID: conversation.MessageID(q.ID), Parts: partsIn(q.Parts)}
	}
	if asked.Create != nil && !asked.Ephemeral {
		made, err := a.conversationIn(who, asked.Create)
		if err != nil {
			return turn.Request{}, err
		}
		req.Create = &made
	}
	return req, nil
}

func checkTurn(conv string, asked *wire.NewTurn) error {
	if err := conversation.CheckID("id", asked.ID); err != nil {
		return err
	}
	if !asked.Ephemeral {
		if err := conversation.CheckID("conversation", conv); err != nil {
			return err
		}
		if asked.Create != nil && asked.Create.ID != conv {
			return invalid("create.id", "create.id must be the conversation's id in the path.")
		}
	}
	if asked.Parent != "" && asked.Parent != wire.ParentRoot {
		if err := conversation.CheckID("parent", asked.Parent); err != nil {
			return err
		}
	}
	if err := checkQuestion(asked); err != nil {
		return err
	}
	return checkFigures(asked)
}

func checkQuestion(asked *wire.NewTurn) error {
	q := asked.Question
	if q == nil {
		if asked.Parent == "" || asked.Parent == wire.ParentRoot {
			return invalid("parent", "Without a question, parent must name the message to be answered anew.")
		}
		return nil
	}
	if err := conversation.CheckID("question.id", q.ID); err != nil {
		return err
	}
	if q.ID == asked.ID {
		return invalid("question.id", "question.id must not be the answer's id.")
	}
	size := 0
	for i := range q.Parts {
		if q.Parts[i].Type != wire.PartText {
			return invalid("question.parts", "A question's parts must be of type text: this server takes no others yet.")
		}
		size += len(q.Parts[i].Text)
	}
	switch {
	case size == 0:
		return invalid("question.parts", "The question is empty.")
	case size > conversation.MaxQuestion:
		return &fault.Error{Kind: fault.TooLarge, Subject: "question.parts",
			Message: "The question is larger than 8 MiB, the limit here."}
	}
	return nil
}

func checkFigures(asked *wire.NewTurn) error {
	if n := asked.MaxTokens; n != nil && (*n < 1 || *n > mostTokens) {
		return invalid("max_tokens", "max_tokens must be at least 1 and at most a billion.")
	}
	if t := asked.Temperature; t != nil && (math.IsNaN(*t) || *t < 0 || *t > mostHeat) {
		return invalid("temperature", "temperature must be between 0 and 2.")
	}
	if s := asked.System; s != nil && len(*s) > conversation.MaxSystem {
		return tooLong("system", "256 KiB")
	}
	if len(asked.Model) > longestName {
		return &fault.Error{Kind: fault.ModelUnknown, Subject: "model"}
	}
	return nil
}

func invalid(subject, message string) error {
	return &fault.Error{Kind: fault.Invalid, Subject: subject, Message: message}
}

func tooLong(subject, limit string) error {
	return &fault.Error{Kind: fault.TooLarge, Subject: subject, Message: subject + " is longer than " + limit + ", the limit here."}
}

// followTurn attaches to a turn that somebody began.
func (a *API) followTurn(c *gin.Context) telling {
	feed, err := a.attach(c)
	if err != nil {
		a.fail(c, err)
		return nil
	}
	return a.follow(feed)
}

func (a *API) attach(c *gin.Context) (turn.Feed, error) {
	after, err := lastEventID(c.Request)
	if err != nil {
		return nil, err
	}
	if err := conversation.CheckID("id", c.Param("id")); err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	return a.Turns.Attach(ctx, callerOf(ctx).Principal, turn.ID(c.Param("id")), after)
}

// one names a conversation or a turn by its path.
type one struct {
	ID string `path:"id" doc:"A UUID in canonical form."`
}

func (a *API) getTurn(ctx context.Context, who caller, in *one) (wire.Turn, error) {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return wire.Turn{}, err
	}
	status, err := a.Turns.Status(ctx, who.Principal, turn.ID(in.ID))
	return turnOut(status), err
}

func (a *API) cancelTurn(ctx context.Context, who caller, in *one) error {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return err
	}
	return a.Turns.Cancel(ctx, who.Principal, turn.ID(in.ID))
}
