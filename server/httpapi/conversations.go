package httpapi

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Sizes of a page: what a caller gets who does not say, and the most.
const (
	usualPage   = 50
	largestPage = 500
)

// pageSize clamps a limit instead of refusing it.
func pageSize(asked, usual, most int) int {
	if asked == 0 {
		return usual
	}
	return min(max(asked, 1), most)
}

type listConversationsIn struct {
	Limit  int    `query:"limit" doc:"How many at most; clamped to 1 to 500. Default 50."`
	Cursor string `query:"cursor" doc:"The cursor that the page before gave as next."`
	All    bool   `query:"all" doc:"Include those that sidebars do not show."`
	Origin string `query:"origin" doc:"Keep only those that began so: chat or ask."`
	Prefix string `query:"prefix" doc:"Instead of a list: those whose id begins so, hexadecimal digits and dashes."`
}

func (a *API) listConversations(ctx context.Context, who caller, in *listConversationsIn) (wire.ConversationPage, error) {
	limit := pageSize(in.Limit, usualPage, largestPage)
	if in.Prefix != "" {
		return a.conversationsByPrefix(ctx, who, in.Prefix, limit)
	}
	scope := listScope(who.Account, in)
	q := conversation.ListQuery{All: in.All, Origin: conversation.Origin(in.Origin), Limit: limit + 1}
	if err := checkOrigin(in.Origin); err != nil {
		return wire.ConversationPage{}, err
	}
	if in.Cursor != "" {
		k, err := decodeCursor(in.Cursor, scope)
		if err != nil {
			return wire.ConversationPage{}, err
		}
		q.After = &conversation.ListMark{UpdatedAt: k.at, ID: conversation.ID(k.id)}
	}
	found, err := a.Conversations.List(ctx, who.Account, q)
	if err != nil {
		return wire.ConversationPage{}, err
	}
	page := wire.ConversationPage{}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		page.Next = cursor{last.UpdatedAt, string(last.ID)}.encode(scope)
	}
	page.Conversations = conversationsOut(found)
	return page, nil
}

func conversationsOut(found []conversation.Conversation) []wire.Conversation {
	out := make([]wire.Conversation, len(found))
	for i := range found {
		out[i] = conversationOut(&found[i])
	}
	return out
}

func listScope(account identity.AccountID, in *listConversationsIn) string {
	all := "listed"
	if in.All {
		all = "all"
	}
	return strings.Join([]string{"conversations", string(account), all, in.Origin}, "\x00")
}

func checkOrigin(origin string) error {
	switch origin {
	case "", wire.OriginChat, wire.OriginAsk:
		return nil
	}
	return invalid("origin", "origin must be chat or ask.")
}

func (a *API) conversationsByPrefix(ctx context.Context, who caller, prefix string, limit int) (wire.ConversationPage, error) {
	notHex := func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') && r != '-' }
	if len(prefix) > len("00000000-0000-0000-0000-000000000000") || strings.ContainsFunc(prefix, notHex) {
		return wire.ConversationPage{}, invalid("prefix", "prefix must be the beginning of an id: hexadecimal digits and dashes.")
	}
	found, err := a.Conversations.FindByPrefix(ctx, who.Account, prefix, limit)
	return wire.ConversationPage{Conversations: conversationsOut(found)}, err
}

type createConversationIn struct{ Body wire.NewConversation }

func (a *API) createConversation(ctx context.Context, who caller, in *createConversationIn) (wire.Conversation, error) {
	c, err := a.conversationIn(who, &in.Body)
	if err != nil {
		return wire.Conversation{}, err
	}
	if err := a.Conversations.Create(ctx, c); err != nil {
		return wire.Conversation{}, err
	}
	return a.conversation(ctx, who, c.ID)
}

// conversationIn checks what is asked for and fills in what is not.
func (a *API) conversationIn(who caller, asked *wire.NewConversation) (conversation.Conversation, error) {
	if err := conversation.CheckID("id", asked.ID); err != nil {
		return conversation.Conversation{}, err
	}
	if err := checkHead(&asked.Title, &asked.Model, &asked.System); err != nil {
		return conversation.Conversation{}, err
	}
	if err := checkOrigin(asked.Origin); err != nil {
		return conversation.Conversation{}, err
	}
	origin := conversation.FromChat
	if asked.Origin != "" {
		origin = conversation.Origin(asked.Origin)
	}
	now := a.Now().UTC()
	title := conversation.Title(asked.Title)
	return conversation.Conversation{
		Account: who.Account, ID: conversation.ID(asked.ID),
		Title: title, TitleByUser: title != "",
		Model: asked.Model, System: asked.System,
		Origin: origin, Listed: origin == conversation.FromChat,
		CreatedAt: now, UpdatedAt: now,
	}, nil
}

// checkHead checks the texts of a conversation's head; nil ones are not given.
func checkHead(title, model, system *string) error {
	switch {
	case title != nil && utf8.RuneCountInString(*title) > conversation.MaxTitle:
		return tooLong("title", "300 characters")
	case model != nil && len(*model) > longestName:
		return tooLong("model", "300 bytes")
	case system != nil && len(*system) > conversation.MaxSystem:
		return tooLong("system", "256 KiB")
	}
	return nil
}

func (a *API) getConversation(ctx context.Context, who caller, in *one) (wire.Conversation, error) {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return wire.Conversation{}, err
	}
	return a.conversation(ctx, who, conversation.ID(in.ID))
}

func (a *API) conversation(ctx context.Context, who caller, id conversation.ID) (wire.Conversation, error) {
	c, err := a.Conversations.Get(ctx, who.Account, id)
	return conversationOut(&c), err
}

type changeConversationIn struct {
	ID   string `path:"id" doc:"A UUID in canonical form."`
	Body wire.ConversationChange
}

func (a *API) changeConversation(ctx context.Context, who caller, in *changeConversationIn) (wire.Conversation, error) {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return wire.Conversation{}, err
	}
	asked := in.Body
	if err := checkHead(asked.Title, asked.Model, asked.System); err != nil {
		return wire.Conversation{}, err
	}
	change := conversation.Change{Model: asked.Model, System: asked.System, Listed: asked.Listed}
	if asked.Title != nil {
		title := conversation.Title(*asked.Title)
		change.Title = &title
	}
	if asked.Leaf != nil {
		if err := conversation.CheckID("leaf", *asked.Leaf); err != nil {
			return wire.Conversation{}, err
		}
		leaf := conversation.MessageID(*asked.Leaf)
		change.Leaf = &leaf
	}
	c, err := a.Conversations.Change(ctx, who.Account, conversation.ID(in.ID), change, a.Now().UTC())
	return conversationOut(&c), err
}

// deleteConversation ends the conversation's turn first: nobody could see its
// answer any more.
func (a *API) deleteConversation(ctx context.Context, who caller, in *one) error {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return err
	}
	id := conversation.ID(in.ID)
	c, err := a.Conversations.Get(ctx, who.Account, id)
	if err == nil && c.Running != "" {
		err = a.Turns.Cancel(ctx, who.Principal, c.Running)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return a.Conversations.Delete(ctx, who.Account, id, a.Now().UTC())
}

func (a *API) restoreConversation(ctx context.Context, who caller, in *one) (wire.Conversation, error) {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return wire.Conversation{}, err
	}
	c, err := a.Conversations.Restore(ctx, who.Account, conversation.ID(in.ID), a.Now().UTC())
	return conversationOut(&c), err
}

type forkConversationIn struct {
	ID   string `path:"id" doc:"A UUID in canonical form."`
	Body wire.Fork
}

func (a *API) forkConversation(ctx context.Context, who caller, in *forkConversationIn) (wire.Conversation, error) {
	for what, id := range map[string]string{"conversation": in.ID, "id": in.Body.ID, "at": in.Body.At} {
		if err := conversation.CheckID(what, id); err != nil {
			return wire.Conversation{}, err
		}
	}
	c, err := a.Conversations.Fork(ctx, who.Account, conversation.ID(in.ID),
		conversation.MessageID(in.Body.At), conversation.ID(in.Body.ID), a.Now().UTC())
	return conversationOut(&c), err
}
