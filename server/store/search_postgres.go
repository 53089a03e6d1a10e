package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

// pgSearch keeps the set of a message's words as a tsvector, made without any of
// the server's parsers and dictionaries, and all words in their order beside it.
//
// A search takes two steps, since a GIN index knows no order, and the planner not
// how rare a rare word is. The first looks through the account's newest
// messages, which finds a page of any common word; the second, for what is too
// rare for that, asks the index for all messages that have the words. The set
// holds markers too, so that the index alone narrows that down to the account,
// the conversation and what may be the phrase; whether it is, body says.
var pgSearch = search{
	index: func(ctx context.Context, q querier, some []conversation.Message, places []int64) error {
		return batches(indexedOf(some, places), func(some []indexed) error { return insertVectors(ctx, q, some) })
	},
	removeAll: `DELETE FROM message_words WHERE account_id = $1`,
	remove: `DELETE FROM message_words WHERE account_id = $1 AND place IN
		(SELECT place FROM messages WHERE account_id = $1 AND conversation_id = $2)`,
	find: func(s searching) []step {
		args := []any{s.account, s.before, s.limit, tsQuery(s)}
		conditions := []string{`w.index_words @@ CAST($4 AS tsquery)`}
		for _, t := range s.terms {
			if len(t.Words) > 1 {
				args = append(args, spelt(t))
				conditions = append(conditions, `strpos(w.body, `+placeholder(len(args))+`) > 0`)
			}
		}
		matches := strings.Join(conditions, ` AND `)
		scope := `c.deleted_at = 0`
		if s.conversation != "" {
			args = append(args, s.conversation)
			scope += ` AND m.conversation_id = ` + placeholder(len(args))
			return []step{{fmt.Sprintf(pgIndexed, matches, scope), args}} // the newest messages may all be elsewhere
		}
		return []step{
			{fmt.Sprintf(pgNewest, newest, scope, matches), args},
			{fmt.Sprintf(pgIndexed, matches, scope), args},
		}
	},
}

// insertVectors stores the words of messages that have some.
func insertVectors(ctx context.Context, q querier, some []indexed) error {
	rows := make([]string, len(some))
	args := make([]any, 0, 4*len(some))
	for i, m := range some {
		n := len(args)
		rows[i] = fmt.Sprintf(`($%d, $%d, array_to_tsvector(string_to_array($%d, ' ')), $%d)`, n+1, n+2, n+3, n+4)
		args = append(args, m.account, m.place, lexemes(m), pgBody(m))
	}
	_, err := q.ExecContext(ctx, `INSERT INTO message_words (account_id, place, index_words, body) VALUES `+
		strings.Join(rows, ", "), args...)
	return err
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

// lexemes is what the tsvector of a message holds, with blanks between.
func lexemes(m indexed) string {
	var b strings.Builder
	b.WriteString(m.words)
	appendWord(&b, accountMarker(m.account))
	appendWord(&b, conversationMarker(m.conversation))
	var seen [maxPairs]bool
	previous := ""
	for w := range strings.SplitSeq(m.body, " ") {
		if previous != "" {
			if p := pair(previous, w); !seen[p] {
				seen[p] = true
				appendWord(&b, pairMarker(p))
			}
		}
		previous = w
	}
	return b.String()
}

// Markers are lexemes that no word can be: they begin with a sign. They are
// digests, so that they are short, and pairs few enough for one message to have
// them all. What they let through by chance is sorted out by the columns that
// they stand for. They are stored: changing them takes a migration.
func accountMarker(id identity.AccountID) string {
	return "@" + strconv.FormatUint(uint64(mark(string(id))), 36)
}

func conversationMarker(id conversation.ID) string {
	return "#" + strconv.FormatUint(uint64(mark(string(id))), 36)
}

func pairMarker(pair uint32) string { return "~" + strconv.FormatUint(uint64(pair), 36) }

// pair numbers two words that stand next to each other, below maxPairs.
func pair(first, second string) uint32 { return mark(first, " ", second) % maxPairs }

// mark is the 32-bit FNV-1a hash of texts, its upper half mixed into the lower
// (http://www.isthe.com/chongo/tech/comp/fnv/).
func mark(texts ...string) uint32 {
	h := uint32(2166136261)
	for _, s := range texts {
		for i := range len(s) {
			h = (h ^ uint32(s[i])) * 16777619
		}
	}
	return h ^ h>>16
}

// tsQuery asks for the account, and for every word of every term. Words hold
// letters, digits and marks only, so nothing needs to be escaped within the
// quotes.
func tsQuery(s searching) string {
	all := []string{`'` + accountMarker(s.account) + `'`}
	if s.conversation != "" {
		all = append(all, `'`+conversationMarker(s.conversation)+`'`)
	}
	for _, t := range s.terms {
		all = append(all, termLexemes(t)...)
	}
	return strings.Join(all, ` & `)
}

// termLexemes are the words of a term and its pairs; a prefix makes no pair with
// the word before it.
func termLexemes(t conversation.Term) (all []string) {
	for i, w := range t.Words {
		prefix := t.Prefix && i == len(t.Words)-1
		if i > 0 && !prefix {
			all = append(all, `'`+pairMarker(pair(t.Words[i-1], w))+`'`)
		}
		w = `'` + w + `'`
		if prefix {
			w += `:*`
		}
		all = append(all, w)
	}
	return all
}

// pgBody is all words in their order with a blank before and after each.
func pgBody(m indexed) string { return " " + m.body + " " }

// spelt is a phrase as it stands in body.
func spelt(t conversation.Term) string {
	s := " " + strings.Join(t.Words, " ")
	if !t.Prefix {
		s += " "
	}
	return s
}
