package store

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/usage"
)

// Page implements usage.Reader.
func (s *Usage) Page(ctx context.Context, p usage.PageQuery) (all []usage.Entry, err error) {
	text, args := pageText(p)
	err = s.db.seek(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanEntry, text, args...)
		return err
	})
	return all, err
}

// pageText is the query of a page of the ledger.
func pageText(p usage.PageQuery) (text string, args []any) {
	parameter := func(value any) string {
		args = append(args, value)
		return placeholder(len(args))
	}
	where := []string{`account_id = ` + parameter(p.Account)}
	and := func(condition string, values ...any) {
		for _, v := range values {
			condition = strings.Replace(condition, "?", parameter(v), 1)
		}
		where = append(where, condition)
	}
	if p.Conversation != "" {
		and(`conversation_id = ? AND conversation_id <> ''`, p.Conversation) // the index is of those
	}
	if p.Member != "" {
		and(`member_id = ?`, p.Member)
	}
	if p.Model != "" {
		and(`provider = ? AND model = ?`, p.Provider, p.Model)
	}
	if !p.From.IsZero() {
		and(moment+` >= ?`, micros(p.From))
	}
	if !p.To.IsZero() {
		and(moment+` < ?`, micros(p.To))
	}
	if p.After != nil {
		at := micros(p.After.At)
		and(moment+` <= ? AND (`+moment+` < ? OR id < ?)`, at, at, p.After.ID)
	}
	return `SELECT ` + entryColumns + ` FROM usage_ledger WHERE ` + strings.Join(where, " AND ") +
		` ORDER BY ` + moment + ` DESC, id DESC LIMIT ` + parameter(p.Limit), args
}
