package client

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
)

// ListQuery narrows a list of conversations. Its zero value is the first page
// of those that are listed.
type ListQuery struct {
	Limit  int    // 0: the server's default
	Cursor string // ConversationPage.Next of the page before
	All    bool   // also those that sidebars do not show
	Origin string // wire.OriginChat or wire.OriginAsk; empty: any
	Prefix string // only ids that begin so
}

func (q ListQuery) values() url.Values {
	v := url.Values{}
	setInt(v, "limit", int64(q.Limit))
	setString(v, "cursor", q.Cursor)
	setString(v, "origin", q.Origin)
	setString(v, "prefix", q.Prefix)
	if q.All {
		v.Set("all", "true")
	}
	return v
}

// Conversations is a page of the list, most recently updated first.
func (c *Client) Conversations(ctx context.Context, q ListQuery) (wire.ConversationPage, error) {
	return get[wire.ConversationPage](ctx, c, wire.PathConversations, q.values())
}

// AllConversations yields the whole list, page by page. The first error ends
// it.
func (c *Client) AllConversations(ctx context.Context, q ListQuery) iter.Seq2[wire.Conversation, error] {
	return func(yield func(wire.Conversation, error) bool) {
		for {
			page, err := c.Conversations(ctx, q)
			if err != nil {
				yield(wire.Conversation{}, err)
				return
			}
			for _, conv := range page.Conversations {
				if !yield(conv, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.Cursor = page.Next
		}
	}
}

// CreateConversation makes a conversation. Repeated, it is the same one.
func (c *Client) CreateConversation(ctx context.Context, n wire.NewConversation) (wire.Conversation, error) {
	return send[wire.Conversation](ctx, c, http.MethodPost, wire.PathConversations, n)
}

// Conversation is the conversation of that id.
func (c *Client) Conversation(ctx context.Context, id string) (wire.Conversation, error) {
	return get[wire.Conversation](ctx, c, wire.ConversationPath(id), nil)
}

// maxCandidates is how many conversations an AmbiguousError names.
const maxCandidates = 10

// ConversationByPrefix is the one conversation, listed or not, whose id begins
// with prefix, in any case. Several are an *AmbiguousError, none is an *Error
// with NotFound.
func (c *Client) ConversationByPrefix(ctx context.Context, prefix string) (wire.Conversation, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	if len(prefix) == len("00000000-0000-0000-0000-000000000000") {
		return c.Conversation(ctx, prefix)
	}
	if prefix == "" || strings.Trim(prefix, "0123456789abcdef-") != "" {
		return wire.Conversation{}, noConversation(prefix)
	}
	page, err := c.Conversations(ctx, ListQuery{All: true, Prefix: prefix, Limit: maxCandidates})
	if err != nil {
		return wire.Conversation{}, err
	}
	found := slices.DeleteFunc(page.Conversations, func(conv wire.Conversation) bool {
		return !strings.HasPrefix(conv.ID, prefix)
	})
	switch {
	case len(found) == 0:
		return wire.Conversation{}, noConversation(prefix)
	case len(found) > 1 || page.Next != "":
		return wire.Conversation{}, &AmbiguousError{Prefix: prefix, Candidates: found, More: page.Next != ""}
	}
	return found[0], nil
}

func noConversation(prefix string) error {
	return &Error{wire.Problem{
		Title:   "Not found",
		Status:  http.StatusNotFound,
		Code:    wire.NotFound,
		Subject: prefix,
		Detail:  fmt.Sprintf("No conversation's id begins with %q.", prefix),
	}}
}

// ChangeConversation changes what is not nil in ch.
func (c *Client) ChangeConversation(ctx context.Context, id string, ch wire.ConversationChange) (wire.Conversation, error) {
	return send[wire.Conversation](ctx, c, http.MethodPatch, wire.ConversationPath(id), ch)
}

// DeleteConversation deletes a conversation; RestoreConversation takes that
// back for a while.
func (c *Client) DeleteConversation(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, wire.ConversationPath(id), nil, nil, nil)
}

// RestoreConversation brings a deleted conversation back.
func (c *Client) RestoreConversation(ctx context.Context, id string) (wire.Conversation, error) {
	return send[wire.Conversation](ctx, c, http.MethodPost, wire.ConversationPath(id, wire.BelowRestore), nil)
}

// Fork copies the branch of conversation id that ends at f.At.
func (c *Client) Fork(ctx context.Context, id string, f wire.Fork) (wire.Conversation, error) {
	return send[wire.Conversation](ctx, c, http.MethodPost, wire.ConversationPath(id, wire.BelowFork), f)
}

// MessagesQuery asks for a part of a branch. Its zero value is the newest part
// of the branch that ends at the conversation's leaf.
type MessagesQuery struct {
	Leaf   string // message; empty: the conversation's leaf
	Before string // MessagePage.Before of the page after
	Limit  int    // 0: the server's default
}

func (q MessagesQuery) values() url.Values {
	v := url.Values{}
	setString(v, "leaf", q.Leaf)
	setString(v, "before", q.Before)
	setInt(v, "limit", int64(q.Limit))
	return v
}

// Messages is a page of a branch, oldest first.
func (c *Client) Messages(ctx context.Context, conversation string, q MessagesQuery) (wire.MessagePage, error) {
	return get[wire.MessagePage](ctx, c, wire.ConversationPath(conversation, wire.BelowMessages), q.values())
}

// AllMessages yields the whole branch that ends at leaf (empty: the
// conversation's), oldest first. The server tells a branch from its end, so all
// of it is fetched before the first is yielded. The first error ends it.
func (c *Client) AllMessages(ctx context.Context, conversation, leaf string) iter.Seq2[wire.Message, error] {
	return func(yield func(wire.Message, error) bool) {
		pages, err := c.pages(ctx, conversation, leaf)
		if err != nil {
			yield(wire.Message{}, err)
			return
		}
		for _, page := range slices.Backward(pages) {
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// pages fetches a branch, newest page first.
func (c *Client) pages(ctx context.Context, conversation, leaf string) (pages [][]wire.Message, err error) {
	for q := (MessagesQuery{Leaf: leaf}); ; {
		page, err := c.Messages(ctx, conversation, q)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page.Messages)
		if page.Before == "" {
			return pages, nil
		}
		q.Before = page.Before
	}
}

// get asks for what is at path.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (out T, err error) {
	err = c.call(ctx, http.MethodGet, path, query, nil, &out)
	return out, err
}

// send sends in, which may be nil, and returns what comes of it.
func send[T any](ctx context.Context, c *Client, method, path string, in any) (out T, err error) {
	err = c.call(ctx, method, path, nil, in, &out)
	return out, err
}

func setString(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

func setInt(v url.Values, name string, value int64) {
	if value > 0 {
		v.Set(name, strconv.FormatInt(value, 10))
	}
}
