package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Search finds messages by the words of their text parts, questions and answers
// alike; titles are not searched, since a hit is a message. The words are split
// and folded by conversation.Words before either database sees them, so both
// index and find the same. Hits come by place, the newest first: a message's
// place is its time, made unique.

// maxIndexed bounds the bytes of different words that are indexed of one
// message: what a tsvector of Postgres can hold is a megabyte, of which maxPairs
// markers of pairs may take the rest. Prose of any length stays below it; of a
// huge table of random words the rest is not found.
const (
	maxIndexed = 700_000
	maxPairs   = 1 << 16
)

// indexed is what the index keeps of a message.
type indexed struct {
	account      identity.AccountID
	conversation conversation.ID
	place        int64
	body         string // all words in their order, a blank between two
	words        string // the different ones, likewise
}

// indexMessages puts the words of messages into the index, each under its place.
func indexMessages(ctx context.Context, db *DB, q querier, some []conversation.Message, places []int64) error {
	var all []indexed
	for i, m := range some {
		if body, words := indexedWords(conversation.PlainText(m.Parts)); words != "" {
			all = append(all, indexed{m.Account, m.Conversation, places[i], body, words})
		}
	}
	return batches(all, func(some []indexed) error { return db.dialect.index(ctx, q, some) })
}

// indexedWords cuts a text into words, up to maxIndexed.
func indexedWords(text string) (body, words string) {
	var all, different strings.Builder
	seen := map[string]bool{}
	for w := range conversation.Words(text) {
		if !seen[w.Text] {
			if different.Len()+len(w.Text)+1 > maxIndexed {
				break
			}
			seen[w.Text] = true
			appendWord(&different, w.Text)
		}
		appendWord(&all, w.Text)
	}
	return all.String(), different.String()
}

func appendWord(b *strings.Builder, word string) {
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(word)
}

// searching is a search as the dialects see it; before is the place that the
// page begins below.
type searching struct {
	account      identity.AccountID
	conversation conversation.ID
	terms        []conversation.Term
	before       int64
	limit        int
}

// hitColumns are what a search selects of message m in conversation c.
const hitColumns = `m.conversation_id, c.title, m.id, m.role, m.created_at, m.parts`

// Search implements conversation.Store.
func (s *Conversations) Search(ctx context.Context, account identity.AccountID, sq conversation.SearchQuery) ([]conversation.Hit, error) {
	if len(sq.Query.Terms) == 0 {
		return nil, nil
	}
	var hits []foundMessage
	err := s.db.view(ctx, func(q querier) error {
		before, err := placeOf(ctx, q, account, sq.After)
		if err != nil {
			return err
		}
		for _, step := range s.db.dialect.find(searching{account, sq.Conversation, sq.Query.Terms, before, sq.Limit}) {
			hits, err = collect(ctx, q, scanFound, step.query, step.args...)
			if err != nil || len(hits) >= sq.Limit {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return cut(hits, sq.Query)
}

// placeOf is where a page begins that comes after a hit: below its place, or
// below its time should it be gone.
func placeOf(ctx context.Context, q querier, account identity.AccountID, after *conversation.SearchMark) (int64, error) {
	const newest = 1<<63 - 1
	if after == nil {
		return newest, nil
	}
	var place int64
	ok, err := found(q.QueryRowContext(ctx, `SELECT place FROM messages WHERE account_id = $1 AND id = $2`,
		account, after.ID), &place)
	if err == nil && !ok {
		place = micros(after.CreatedAt)
	}
	return place, err
}

// foundMessage is a hit whose text is yet to be cut.
type foundMessage struct {
	hit   conversation.Hit
	parts string
}

func scanFound(rows *sql.Rows) (f foundMessage, err error) {
	var created int64
	h := &f.hit
	err = rows.Scan(&h.Conversation, &h.Title, &h.Message, &h.Role, &created, &f.parts)
	h.CreatedAt = fromMicros(created)
	return f, err
}

// cut makes the snippets of a page.
func cut(all []foundMessage, q conversation.Query) ([]conversation.Hit, error) {
	hits := make([]conversation.Hit, len(all))
	for i, f := range all {
		var parts []conversation.Part
		if err := json.Unmarshal([]byte(f.parts), &parts); err != nil {
			return nil, fault.Of(err)
		}
		hits[i] = f.hit
		hits[i].Snippet, hits[i].Marks = conversation.Snippet(conversation.PlainText(parts), q)
	}
	return hits, nil
}
