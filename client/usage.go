package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/aichat-term/aichat/client/wire"
)

// UsageQuery narrows what is told of usage. Its zero value is the account's
// current month, by day.
type UsageQuery struct {
	// From and To bound the range: a date (2026-11-01) is a whole day of the time
	// zone, so that the same date twice is that day; a time (RFC 3339) is exact, and
	// To not within. Empty From: the beginning of the account's current month, or of
	// the month before To; empty To: the end of the current month or, after a From,
	// now.
	From, To string

	TimeZone string // an IANA name; empty: that of one's profile, else UTC
	By       string // wire.ByDay and so on; empty: wire.ByDay
	Member   string // only this member's id; who is neither owner nor admin sees only oneself
	Limit    int    // how many rows; 0: the server's default
}

func (q UsageQuery) values() url.Values {
	v := url.Values{}
	setString(v, "from", q.From)
	setString(v, "to", q.To)
	setString(v, "time_zone", q.TimeZone)
	setString(v, "by", q.By)
	setString(v, "member", q.Member)
	setInt(v, "limit", int64(q.Limit))
	return v
}

// Usage sums up what was used.
func (c *Client) Usage(ctx context.Context, q UsageQuery) (wire.UsageSummary, error) {
	return get[wire.UsageSummary](ctx, c, wire.PathUsage, q.values())
}

// UsageModels tells how well the models that were used have answered. By and
// Limit are not for it.
func (c *Client) UsageModels(ctx context.Context, q UsageQuery) (wire.QualityReport, error) {
	q.By, q.Limit = "", 0
	return get[wire.QualityReport](ctx, c, wire.PathUsageModels, q.values())
}

// UsageAdvice tells how the same could have cost less. By and Limit are not for
// it.
func (c *Client) UsageAdvice(ctx context.Context, q UsageQuery) (wire.AdviceReport, error) {
	q.By, q.Limit = "", 0
	return get[wire.AdviceReport](ctx, c, wire.PathUsageAdvice, q.values())
}

// LedgerQuery narrows the ledger. Its zero value is the newest page of all of it.
type LedgerQuery struct {
	From, To     string // as those of UsageQuery; empty: no bound
	TimeZone     string // as UsageQuery's
	Model        string // provider/name
	Conversation string // id
	Member       string // id
	Limit        int    // 0: the server's default
	Cursor       string // LedgerPage.Next of the page before
}

func (q LedgerQuery) values() url.Values {
	v := UsageQuery{From: q.From, To: q.To, TimeZone: q.TimeZone, Member: q.Member, Limit: q.Limit}.values()
	setString(v, "model", q.Model)
	setString(v, "conversation", q.Conversation)
	setString(v, "cursor", q.Cursor)
	return v
}

// Ledger is a page of the ledger, newest first.
func (c *Client) Ledger(ctx context.Context, q LedgerQuery) (wire.LedgerPage, error) {
	return get[wire.LedgerPage](ctx, c, wire.PathUsageLedger, q.values())
}

// AllLedger yields all rows from q.Cursor on, page by page. The first error ends
// it.
func (c *Client) AllLedger(ctx context.Context, q LedgerQuery) iter.Seq2[wire.LedgerRow, error] {
	return func(yield func(wire.LedgerRow, error) bool) {
		for {
			page, err := c.Ledger(ctx, q)
			if err != nil {
				yield(wire.LedgerRow{}, err)
				return
			}
			for i := range page.Rows {
				if !yield(page.Rows[i], nil) {
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

// Rate says what one thinks of an answer, in the place of what one thought of it
// before.
func (c *Client) Rate(ctx context.Context, message string, r wire.NewRating) (wire.Rating, error) {
	return send[wire.Rating](ctx, c, http.MethodPut, wire.MessagePath(message, wire.BelowRating), r)
}

// Unrate takes one's rating of an answer back; where there is none, that is
// nothing.
func (c *Client) Unrate(ctx context.Context, message string) error {
	return c.call(ctx, http.MethodDelete, wire.MessagePath(message, wire.BelowRating), nil, nil, nil)
}
