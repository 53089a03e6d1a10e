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

// indexedOf is what is indexed of messages, each under its place; those without
// words are left out.
func indexedOf(some []conversation.Message, places []int64) (all []indexed) {
	for i := range some {
		m := &some[i]
		if body, words := indexedWords(conversation.PlainText(m.Parts)); words != "" {
			all = append(all, indexed{m.Account, m.Conversation, places[i], body, words})
		}
	}
	return all
}

// indexedWords cuts a text into words, up to maxIndexed.
//
// body alone is what SQLite keeps: see wordsOf.
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

// wordsOf is the body of indexedWords. A text of a length that cannot reach
// maxIndexed needs no list of its different words: folding makes of a byte, at
// worst, a few.
func wordsOf(text string) string {
	if len(text) > maxIndexed/16 {
		body, _ := indexedWords(text)
		return body
	}
	var all strings.Builder
	all.Grow(len(text) + len(text)/8)
	for w := range conversation.Words(text) {
		appendWord(&all, w.Text)
	}
	return all.String()
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
	if err := s.db.catchUp(ctx); err != nil {
		return nil, err
	}
	var hits []foundMessage
	err := s.db.seek(ctx, func(q querier) error {
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

// catchUp makes sure that all messages are in the index. Where that fails, for
// want of room, what is indexed can still be searched.
func (db *DB) catchUp(ctx context.Context) error {
	if db.indexer == nil {
		return nil
	}
	err := db.indexer.catchUp(ctx)
	if err == nil || ctx.Err() != nil {
		return db.fault(ctx, err)
	}
	db.log.ErrorContext(ctx, "a search may lack the newest messages: they could not be indexed", "error", err)
	return nil
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
