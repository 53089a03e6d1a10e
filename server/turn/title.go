package turn

import (
	"context"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// What a title may cost: how long we wait for one, how much of the question and
// the answer the model sees, and how long it may be in tokens. A model that
// thinks first needs more tokens than the title has.
const (
	titleWait   = 20 * time.Second
	titleSees   = 2000
	titleTokens = 512
)

const titlePrompt = "Name the conversation below in at most six words, in its own language. " +
	"Answer with the title alone: no quotation marks, no full stop, no explanation."

// entitle has a cheap model of the provider that answered name a new conversation. It is
// never in the way: it comes after the answer, and if it fails the first line
// of the question stays.
func (s *Service) entitle(pl *plan, answered provider.Route, answer conversation.Message) {
	route, ok := s.options.Directory.Small(answered)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(s.work, titleWait)
	defer cancel()

	call := pl.call
	call.Kind, call.Route = usage.Title, route
	text := "Question:\n" + pl.question + "\n\nAnswer:\n" + head(conversation.PlainText(answer.Parts))
	call.Request = &provider.Request{Model: route.Model.Name, System: titlePrompt, MaxTokens: titleTokens,
		OutputLimit: route.Model.Output,
		Messages:    []provider.Message{{Role: provider.User, Parts: []provider.Part{{Type: provider.Text, Text: text}}}}}

	hold, err := s.admit(ctx, pl.who, &call, conversation.NewID(), guesses(s.options.Ratios.Of(&route.Model)), looks{left: true})
	if err == nil {
		err = s.reserve(ctx, hold.Reserved())
	}
	if err != nil {
		s.options.Logger.Info("no title was asked for", "conversation", call.Conversation, "error", err)
		return
	}
	var title titleSink
	result := s.options.Caller.Run(ctx, &call, &title)
	s.keepTitle(pl, hold, result, title.text.String())
}

// keepTitle stores the title and what it cost, even when the server is about to
// stop.
func (s *Service) keepTitle(pl *plan, hold *quota.Hold, result *generate.Result, title string) {
	if err := s.persist(func(ctx context.Context) error {
		_, err := s.settle(ctx, hold, result.Entries)
		return err
	}); err != nil {
		s.options.Logger.Error("the cost of a title could not be stored", "conversation", pl.call.Conversation, "error", err)
	}
	if result.Err != nil {
		if !fault.Is(result.Err, fault.Interrupted) {
			s.options.Logger.Info("no title was made", "conversation", pl.call.Conversation, "error", result.Err)
		}
		return
	}
	title = shortTitle(strings.Trim(strings.TrimSpace(title), `"'“”#* `))
	if title == "" {
		return
	}
	if err := s.try(func(ctx context.Context) error {
		return s.options.Conversations.SetTitle(ctx, pl.call.Account, conversation.ID(pl.call.Conversation), title, s.options.Now())
	}); err != nil {
		s.options.Logger.Error("a title could not be stored", "conversation", pl.call.Conversation, "error", err)
	}
}

// head is the beginning of a text, for a model that need not see all of it.
func head(text string) string {
	if len(text) <= titleSees {
		return text
	}
	return strings.ToValidUTF8(text[:titleSees], "")
}

// titleSink gathers a title's text.
type titleSink struct{ text strings.Builder }

func (t *titleSink) Event(ev *provider.Event) {
	if ev.Type == provider.TextDelta {
		t.text.WriteString(ev.Text)
	}
}

func (t *titleSink) Flush()                 {}
func (t *titleSink) Retrying(generate.Next) {}
