package store

import (
	"context"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
)

// liteSearch keeps the words in an FTS5 table without content, whose rowid is
// the message's place. A search reads it backwards and stops when the page is
// full.
//
// FTS5 writes its index out with every statement that changes it, so the words
// of everything that is committed together are stored by one: the writer asks
// for it before the commit.
var liteSearch = search{
	index: func(ctx context.Context, q querier, some []indexed) error {
		if w, ok := q.(writing); ok {
			w.w.words = append(w.w.words, some...)
			return nil
		}
		return insertWords(ctx, q, some)
	},
	remove: `DELETE FROM message_words WHERE rowid IN
		(SELECT place FROM messages WHERE account_id = $1 AND conversation_id = $2)`,
	find: func(s searching) []step {
		return []step{{`SELECT ` + hitColumns + ` FROM message_words w
			CROSS JOIN messages m ON m.place = w.rowid
			CROSS JOIN conversations c ON c.account_id = m.account_id AND c.id = m.conversation_id
			WHERE w.message_words MATCH $1 AND w.rowid < $2 AND m.account_id = $3 AND c.deleted_at = 0
			ORDER BY w.rowid DESC LIMIT $4`, []any{ftsQuery(s), s.before, s.account, s.limit}}}
	},
}

// insertWords indexes messages, as many in a statement as usually come together.
func insertWords(ctx context.Context, q querier, all []indexed) error {
	for some := range slices.Chunk(all, largestBatch) {
		args := make([]any, 0, 3*len(some))
		for _, m := range some {
			args = append(args, m.place, scopeToken(string(m.account))+" "+scopeToken(string(m.conversation)), m.body)
		}
		text := `INSERT INTO message_words (rowid, scope, words) VALUES ` + tuples(1, len(some), 3)
		if _, err := q.ExecContext(ctx, text, args...); err != nil {
			return err
		}
	}
	return nil
}

// scopeToken makes one token of an id: a dash would part it.
func scopeToken(id string) string { return strings.ReplaceAll(id, "-", "") }

// ftsQuery writes a search in FTS5's language. Words hold letters, digits and
// marks only, so nothing needs to be escaped within the quotes.
func ftsQuery(s searching) string {
	var b strings.Builder
	for _, t := range s.terms {
		b.WriteString(`words : ` + ftsPhrase(t) + ` AND `)
	}
	if s.conversation != "" {
		b.WriteString(`scope : "` + scopeToken(string(s.conversation)) + `" AND `)
	}
	b.WriteString(`scope : "` + scopeToken(string(s.account)) + `"`)
	return b.String()
}

func ftsPhrase(t conversation.Term) string {
	phrase := `"` + strings.Join(t.Words, " ") + `"`
	if t.Prefix {
		phrase += ` *`
	}
	return phrase
}
