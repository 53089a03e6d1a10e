package httpapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// Pages of the ledger are read by programs too.
const (
	usualLedger   = 50
	largestLedger = 1000
)

type ledgerIn struct {
	From         string `query:"from" doc:"Only rows from then on: a date (2026-11-01), which is the beginning of that day, or a time (RFC 3339)."`
	To           string `query:"to" doc:"Only rows until then: a date, which is the end of that day, or a time, which is not within."`
	TimeZone     string `query:"time_zone" doc:"The zone of dates, as the IANA database names it. Absent: that of one's profile, else UTC."`
	Model        string `query:"model" doc:"Only calls of this model: provider/name."`
	Conversation string `query:"conversation" doc:"Only calls of the conversation of this id, which may be gone."`
	Member       string `query:"member" doc:"Only this member's, by the user's id or name. Owners and admins of an account see all members, others only themselves."`
	Cursor       string `query:"cursor" doc:"The cursor that the page before gave as next."`
	Limit        int    `query:"limit" doc:"How many at most; clamped to 1 to 1000. Default 50."`
}

func (a *API) usageLedger(ctx context.Context, who caller, in *ledgerIn) (wire.LedgerPage, error) {
	q, err := a.pageOf(ctx, who, in)
	if err != nil {
		return wire.LedgerPage{}, err
	}
	scope := strings.Join([]string{"ledger", string(who.Account), string(q.Member), in.Model, in.Conversation, in.From, in.To, in.TimeZone}, "\x00")
	if in.Cursor != "" {
		k, err := decodeCursor(in.Cursor, scope)
		if err != nil {
			return wire.LedgerPage{}, err
		}
		q.After = &usage.Mark{At: k.at, ID: k.id}
	}
	limit := q.Limit
	q.Limit++
	rows, err := a.Usage.Page(ctx, q)
	if err != nil {
		return wire.LedgerPage{}, err
	}
	page := wire.LedgerPage{}
	if len(rows) > limit {
		rows = rows[:limit]
		last := &rows[limit-1]
		page.Next = cursor{last.At(), last.ID}.encode(scope)
	}
	page.Rows, err = a.ledgerOut(ctx, who, rows)
	return page, err
}

// pageOf reads a question for the ledger.
func (a *API) pageOf(ctx context.Context, who caller, in *ledgerIn) (q usage.PageQuery, err error) {
	if q.Whose, _, err = a.whose(ctx, who, in.Member); err != nil {
		return q, err
	}
	q.Limit = pageSize(in.Limit, usualLedger, largestLedger)
	if in.Model != "" {
		var ok bool
		if q.Provider, q.Model, ok = provider.SplitID(in.Model); !ok {
			return q, invalid("model", "model must be provider/name, as usage by model tells it.")
		}
	}
	if in.Conversation != "" {
		if err := conversation.CheckID("conversation", in.Conversation); err != nil {
			return q, err
		}
		q.Conversation = in.Conversation
	}
	if err := conversation.CheckText("model", in.Model); err != nil {
		return q, err
	}
	if in.From == "" && in.To == "" {
		return q, nil
	}
	zone, err := a.zoneOf(ctx, who, in.TimeZone)
	if err != nil {
		return q, err
	}
	q.From, q.To, err = asked(RangeIn{From: in.From, To: in.To}, zone, a.Now(), 1).Moments()
	return q, err
}

// ledgerOut explains rows, and names what they are about.
func (a *API) ledgerOut(ctx context.Context, who caller, rows []usage.Entry) ([]wire.LedgerRow, error) {
	var chats, members []string
	for i := range rows {
		if c := rows[i].Conversation; c != "" && !slices.Contains(chats, c) {
			chats = append(chats, c)
		}
		if m := string(rows[i].Member); !slices.Contains(members, m) {
			members = append(members, m)
		}
	}
	titles, err := a.Usage.Titles(ctx, who.Account, chats)
	if err != nil {
		return nil, err
	}
	names, err := a.Usage.Members(ctx, members)
	out := make([]wire.LedgerRow, len(rows))
	for i := range rows {
		out[i] = ledgerRowOut(&rows[i])
		out[i].Title, out[i].MemberName = titles[rows[i].Conversation], names[string(rows[i].Member)]
	}
	return out, err
}

func ledgerRowOut(e *usage.Entry) wire.LedgerRow {
	x := usage.Explain(e)
	out := wire.LedgerRow{
		ID: e.ID, At: e.At().UTC(), EndedAt: e.CreatedAt.UTC(), Kind: string(e.Kind), Attempt: e.Attempt, Outcome: string(e.Outcome),
		Provider: e.Provider, Model: e.ModelID(), Finish: string(e.Finish), ErrorCode: wire.Code(e.ErrorCode),
		Member: string(e.Member), Conversation: e.Conversation, Turn: e.Turn, KeyID: e.KeyID, RequestID: e.RequestID,
		Input: e.Tokens.Input, CachedRead: e.Tokens.CachedRead, CachedWrite: e.Tokens.CachedWrite,
		CachedWriteLong: e.Tokens.CachedWriteLong, PriceAbove: e.Price.Above, PriceFrom: e.Price.From,
		Output: e.Tokens.Output, Reasoning: e.Tokens.Reasoning, Estimated: e.Source.Ours(),
		CostMicroUSD: e.CostMicroUSD, Charged: e.Charged,
		Lines: make([]wire.PriceLine, len(x.Lines)), RoundedUp: x.RoundedUp, Explanation: x.Text,
		FirstTokenMS: milliseconds(e.FirstToken), TotalMS: milliseconds(e.Total),
	}
	if e.PriceKnown {
		out.Price = priceOut(&e.Price)
	}
	for i, l := range x.Lines {
		out.Lines[i] = wire.PriceLine{Class: string(l.Class), Tokens: l.Tokens, PriceMicroUSD: l.Price, MicroUSD: l.MicroUSD, Millionths: l.Millionths}
	}
	return out
}

// milliseconds rounds up: what took a while took no nothing.
func milliseconds(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
