package httpapi

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
)

// Messages may be large, so that their pages are counted differently.
const (
	usualBranch   = 200
	largestBranch = 1000
)

type listMessagesIn struct {
	ID     string `path:"id" doc:"A UUID in canonical form."`
	Leaf   string `query:"leaf" doc:"The message that the branch ends at; absent: the conversation's own leaf."`
	Before string `query:"before" doc:"Only what comes before this message of the branch: what the page before gave as before."`
	Limit  int    `query:"limit" doc:"How many at most, the newest; clamped to 1 to 1000. Default 200."`
}

func (a *API) listMessages(ctx context.Context, who caller, in *listMessagesIn) (wire.MessagePage, error) {
	if err := checkBranch(in); err != nil {
		return wire.MessagePage{}, err
	}
	limit := pageSize(in.Limit, usualBranch, largestBranch)
	found, err := a.Conversations.Branch(ctx, who.Account, conversation.ID(in.ID),
		conversation.MessageID(in.Leaf), conversation.MessageID(in.Before), limit)
	if err != nil {
		return wire.MessagePage{}, err
	}
	page := wire.MessagePage{Messages: make([]wire.Message, len(found))}
	ids := make([]conversation.MessageID, len(found))
	for i := range found {
		page.Messages[i] = messageOut(&found[i])
		ids[i] = found[i].ID
	}
	siblings, err := a.Conversations.SiblingsOf(ctx, who.Account, ids)
	if err != nil {
		return wire.MessagePage{}, err
	}
	for i := range found {
		page.Messages[i].Siblings = siblingsOut(siblings[found[i].ID])
	}
	if err := a.addRatings(ctx, who, found, page.Messages); err != nil {
		return wire.MessagePage{}, err
	}
	if len(found) > 0 && found[0].Parent != "" {
		page.Before = string(found[0].ID)
	}
	return page, nil
}

func checkBranch(in *listMessagesIn) error {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return err
	}
	for what, id := range map[string]string{"leaf": in.Leaf, "before": in.Before} {
		if id == "" {
			continue
		}
		if err := conversation.CheckID(what, id); err != nil {
			return err
		}
	}
	return nil
}

// siblingsOut is empty for a message that is the only one with its parent.
func siblingsOut(found []conversation.MessageID) []string {
	if len(found) < 2 {
		return nil
	}
	out := make([]string, len(found))
	for i := range found {
		out[i] = string(found[i])
	}
	return out
}

type searchIn struct {
	Query        string `query:"q" doc:"Words, all of which must be found; a phrase in quotes; a prefix* of a word."`
	Conversation string `query:"conversation" doc:"Search this conversation only."`
	Cursor       string `query:"cursor" doc:"The cursor that the page before gave as next."`
	Limit        int    `query:"limit" doc:"How many at most; clamped to 1 to 100. Default 20."`
}

// Search pages are small: each hit is a snippet that somebody reads.
const (
	usualHits   = 20
	largestHits = 100
)

func (a *API) search(ctx context.Context, who caller, in *searchIn) (wire.SearchPage, error) {
	if err := conversation.CheckText("q", in.Query); err != nil {
		return wire.SearchPage{}, err
	}
	limit := pageSize(in.Limit, usualHits, largestHits)
	scope := strings.Join([]string{"search", string(who.Account), in.Conversation, in.Query}, "\x00")
	q := conversation.SearchQuery{Query: conversation.ParseQuery(in.Query), Limit: limit + 1}
	if in.Conversation != "" {
		if err := conversation.CheckID("conversation", in.Conversation); err != nil {
			return wire.SearchPage{}, err
		}
		q.Conversation = conversation.ID(in.Conversation)
	}
	if in.Cursor != "" {
		k, err := decodeCursor(in.Cursor, scope)
		if err != nil {
			return wire.SearchPage{}, err
		}
		q.After = &conversation.SearchMark{CreatedAt: k.at, ID: conversation.MessageID(k.id)}
	}
	found, err := a.Conversations.Search(ctx, who.Account, q)
	if err != nil {
		return wire.SearchPage{}, err
	}
	return searchOut(found, limit, scope), nil
}

func searchOut(found []conversation.Hit, limit int, scope string) wire.SearchPage {
	page := wire.SearchPage{Hits: make([]wire.Hit, 0, min(len(found), limit))}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		page.Next = cursor{last.CreatedAt, string(last.Message)}.encode(scope)
	}
	for i := range found {
		h := &found[i]
		marks := h.Marks
		if marks == nil {
			marks = [][2]int{}
		}
		page.Hits = append(page.Hits, wire.Hit{
			Conversation: string(h.Conversation), Title: h.Title,
			Message: string(h.Message), Role: string(h.Role),
			CreatedAt: h.CreatedAt.UTC(), Snippet: h.Snippet, Marks: marks,
		})
	}
	return page
}
