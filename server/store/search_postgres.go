package store

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
)

// pgSearch keeps the set of words as a tsvector, made without any of the
// server's parsers and dictionaries, and all words in their order beside it. The
// GIN index finds the messages that have all words; a phrase is then looked for
// in the text. For words that most messages have, the planner walks the
// account's messages from the newest on instead.
var pgSearch = search{
	index: func(ctx context.Context, q querier, m indexed) error {
		_, err := q.ExecContext(ctx, `INSERT INTO message_words (account_id, place, index_words, body)
			VALUES ($1, $2, array_to_tsvector(string_to_array($3, ' ')), $4)`,
			m.account, m.place, m.words, " "+m.body+" ")
		return err
	},
	remove: `DELETE FROM message_words WHERE account_id = $1 AND place IN
		(SELECT place FROM messages WHERE account_id = $1 AND conversation_id = $2)`,
	find: func(s searching) (string, []any) {
		args := []any{s.account, s.before, s.limit, tsQuery(s.terms)}
		var more strings.Builder
		for _, t := range s.terms {
			if len(t.Words) > 1 {
				args = append(args, spelt(t))
				more.WriteString(` AND strpos(w.body, ` + placeholder(len(args)) + `) > 0`)
			}
		}
		if s.conversation != "" {
			args = append(args, s.conversation)
			more.WriteString(` AND m.conversation_id = ` + placeholder(len(args)))
		}
		return `SELECT ` + hitColumns + ` FROM message_words w
			JOIN messages m ON m.account_id = w.account_id AND m.place = w.place
			JOIN conversations c ON c.account_id = m.account_id AND c.id = m.conversation_id
			WHERE w.account_id = $1 AND w.place < $2 AND w.index_words @@ CAST($4 AS tsquery) AND c.deleted_at = 0` +
			more.String() + ` ORDER BY w.place DESC LIMIT $3`, args
	},
}

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
