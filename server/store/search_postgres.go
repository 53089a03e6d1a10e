package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
)

// pgSearch keeps the set of words as a tsvector, made without any of the
// server's parsers and dictionaries, and all words in their order beside it.
//
// A search takes two steps, since a GIN index knows no order, and the planner not
// how rare a rare word is. The first looks through the account's newest
// messages, which finds a page of any common word; the second, for what is too
// rare for that, asks the index for all messages that have the words. Phrases are
// looked for in the text of both.
var pgSearch = search{
	index: func(ctx context.Context, q querier, some []indexed) error {
		rows := make([]string, len(some))
		args := make([]any, 0, 4*len(some))
		for i, m := range some {
			n := len(args)
			rows[i] = fmt.Sprintf(`($%d, $%d, array_to_tsvector(string_to_array($%d, ' ')), $%d)`, n+1, n+2, n+3, n+4)
			args = append(args, m.account, m.place, m.words, " "+m.body+" ")
		}
		_, err := q.ExecContext(ctx, `INSERT INTO message_words (account_id, place, index_words, body) VALUES `+
			strings.Join(rows, ", "), args...)
		return err
	},
	remove: `DELETE FROM message_words WHERE account_id = $1 AND place IN
		(SELECT place FROM messages WHERE account_id = $1 AND conversation_id = $2)`,
	find: func(s searching) []step {
		args := []any{s.account, s.before, s.limit, tsQuery(s.terms)}
		matches := `w.index_words @@ CAST($4 AS tsquery)`
		for _, t := range s.terms {
			if len(t.Words) > 1 {
				args = append(args, spelt(t))
				matches += ` AND strpos(w.body, ` + placeholder(len(args)) + `) > 0`
			}
		}
		scope := `c.deleted_at = 0`
		if s.conversation != "" {
			args = append(args, s.conversation)
			scope += ` AND m.conversation_id = ` + placeholder(len(args))
		}
		return []step{
			{fmt.Sprintf(pgNewest, newest, scope, matches), args},
			{fmt.Sprintf(pgIndexed, matches, scope), args},
		}
	},
}

// newest is how many messages the first step looks through.
const newest = 2000

// The two steps: %s are the size of the first, and the conditions on words and on
// messages and conversations. The planner is held to them: the limit
// within the first's FROM keeps it from the index, the materialized list of the
// second from the order, and the one in pgHits makes it look up one message after
// the other, the newest first, until the page is full.
const (
	pgNewest = `SELECT h.conversation_id, h.title, h.id, h.role, h.created_at, h.parts FROM (
			SELECT account_id, place, index_words, body FROM message_words
			WHERE account_id = $1 AND place < $2 ORDER BY place DESC LIMIT %d
		) w ` + pgHits + ` WHERE %s ORDER BY w.place DESC LIMIT $3`
	pgIndexed = `WITH found AS MATERIALIZED (
			SELECT w.account_id, w.place FROM message_words w WHERE w.account_id = $1 AND w.place < $2 AND %s
		)
		SELECT h.conversation_id, h.title, h.id, h.role, h.created_at, h.parts FROM (SELECT account_id, place FROM found ORDER BY place DESC) w ` + pgHits + `
		ORDER BY w.place DESC LIMIT $3`
	pgHits = `CROSS JOIN LATERAL (
			SELECT ` + hitColumns + ` FROM messages m
			JOIN conversations c ON c.account_id = m.account_id AND c.id = m.conversation_id
			WHERE m.account_id = w.account_id AND m.place = w.place AND %s LIMIT 1
		) h`
)

// tsQuery asks for every word of every term. Words hold letters, digits and
// marks only, so nothing needs to be escaped within the quotes.
func tsQuery(terms []conversation.Term) string {
	var all []string
	for _, t := range terms {
		for i, w := range t.Words {
			lexeme := `'` + w + `'`
			if t.Prefix && i == len(t.Words)-1 {
				lexeme += `:*`
			}
			all = append(all, lexeme)
		}
	}
	return strings.Join(all, ` & `)
}

// spelt is a phrase as it stands in body.
func spelt(t conversation.Term) string {
	s := " " + strings.Join(t.Words, " ")
	if !t.Prefix {
		s += " "
	}
	return s
}
