package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/aichat-term/aichat/client/wire"
)

// Server says what answers; it needs no sign-in.
func (c *Client) Server(ctx context.Context) (wire.Server, error) {
	return get[wire.Server](ctx, c, wire.PathServer, nil)
}

// Me says who is signed in.
func (c *Client) Me(ctx context.Context) (wire.Me, error) {
	return get[wire.Me](ctx, c, wire.PathMe, nil)
}

// Models lists what may be asked, the usable ones first.
func (c *Client) Models(ctx context.Context) (wire.ModelList, error) {
	return get[wire.ModelList](ctx, c, wire.PathModels, nil)
}

// FreshModels is Models as the providers say it now, which may take ten seconds: it
// shows which of them answer.
func (c *Client) FreshModels(ctx context.Context) (wire.ModelList, error) {
	return get[wire.ModelList](ctx, c, wire.PathModels, url.Values{"fresh": {"true"}})
}

// SearchQuery is a search over all messages, or one conversation's.
type SearchQuery struct {
	Text         string // words, "a phrase", pre*
	Conversation string // empty: all
	Limit        int    // 0: the server's default
	Cursor       string // SearchPage.Next of the page before
}

// Search finds messages, newest first.
func (c *Client) Search(ctx context.Context, q SearchQuery) (wire.SearchPage, error) {
	if err := checkText(struct {
		Text string `json:"q"`
	}{q.Text}); err != nil {
		return wire.SearchPage{}, err
	}
	v := url.Values{"q": {q.Text}}
	setString(v, "conversation", q.Conversation)
	setString(v, "cursor", q.Cursor)
	setInt(v, "limit", int64(q.Limit))
	return get[wire.SearchPage](ctx, c, wire.PathSearch, v)
}

// SyncQuery asks for what changed.
type SyncQuery struct {
	After int64  // SyncPage.Rev of the page before; 0: everything
	Epoch string // SyncPage.Epoch of the page before
	Limit int    // 0: the server's default
}

// Sync is a page of what changed since. An *Error with SyncReset says that the
// past cannot be told any more: begin anew from 0.
func (c *Client) Sync(ctx context.Context, q SyncQuery) (wire.SyncPage, error) {
	v := url.Values{}
	setInt(v, "after", q.After)
	setString(v, "epoch", q.Epoch)
	setInt(v, "limit", int64(q.Limit))
	return get[wire.SyncPage](ctx, c, wire.PathSync, v)
}

// Retire tells a local server to take no new turns and to exit when the last
// one ends.
func (c *Client) Retire(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, wire.PathRetire, nil, nil, nil)
}
