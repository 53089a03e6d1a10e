package store

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
)

// liteSearch keeps the words in an FTS5 table without content, whose rowid is
// the message's place. A search reads it backwards and stops when the page is
// full.
//
// A message is only queued with its transaction, all that are committed together
// by one statement; the words follow. See indexer.
var liteSearch = search{
	index: func(_ context.Context, q querier, some []conversation.Message, places []int64) error {
		w := q.(writing).w
		for i := range some {
			w.due = append(w.due, indexing{places[i], some[i].ID, conversation.PlainText(some[i].Parts)})
		}
		return nil
	},
	remove: `DELETE FROM message_words WHERE rowid IN
		(SELECT place FROM messages WHERE account_id = $1 AND conversation_id = $2)`,
	removeAll: `DELETE FROM message_words WHERE rowid IN (SELECT place FROM messages WHERE account_id = $1)`,
	find: func(s searching) []step {
		return []step{{`SELECT ` + hitColumns + ` FROM message_words w
			CROSS JOIN messages m ON m.place = w.rowid
			CROSS JOIN conversations c ON c.account_id = m.account_id AND c.id = m.conversation_id
			WHERE w.message_words MATCH $1 AND w.rowid < $2 AND m.account_id = $3 AND c.deleted_at = 0
			ORDER BY w.rowid DESC LIMIT $4`, []any{ftsQuery(s), s.before, s.account, s.limit}}}
	},
}

// indexing is a message that a transaction has stored and that is to be indexed.
type indexing struct {
	place int64
	id    conversation.MessageID
	text  string
}

// queueWords notes messages by their places as not indexed yet.
func queueWords(ctx context.Context, q querier, all []indexing) error {
	return batches(all, func(some []indexing) error {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i].place
		}
		_, err := q.ExecContext(ctx, `INSERT INTO words_due (place) VALUES `+tuples(1, len(some), 1)+` ON CONFLICT DO NOTHING`, args...)
		return err
	})
}

// insertWords indexes one message. Places ascend from one to the next. A statement
// for several would open a savepoint, and at that FTS5 writes out what it has
// gathered.
func insertWords(ctx context.Context, q querier, m *queued, words string) error {
	if words == "" {
		return nil
	}
	_, err := q.ExecContext(ctx, `INSERT INTO message_words (rowid, scope, words) VALUES ($1, $2, $3)`,
		m.place, scopeToken(string(m.account))+" "+scopeToken(string(m.conversation)), words)
	return err
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
