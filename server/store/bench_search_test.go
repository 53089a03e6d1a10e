package store_test

import (
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
)

// benchMessages is how many messages are searched, if AICHAT_BENCH_MESSAGES does
// not say it; the promise is made for a million.
const benchMessages = 20_000

func messagesToSearch(b *testing.B) int {
	text, set := os.LookupEnv("AICHAT_BENCH_MESSAGES")
	if !set {
		return benchMessages
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkSearch searches the messages of an account that shares the database
// with smaller ones: each kind of query, and all together.
func BenchmarkSearch(b *testing.B) {
	total := messagesToSearch(b)
	benchBoth(b, func(b *testing.B, db *store.DB) {
		l := newLanguage()
		p := newPast(b, db, total)
		start := time.Now()
		if err := store.Load(b.Context(), db, p.messages(l)); err != nil {
			b.Fatal(err)
		}
		analyse(b, db)
		b.Logf("%d messages stored in %v", total, time.Since(start).Round(time.Second))
		kinds := p.searches(b, db, l)
		var all []benchSearch
		for _, k := range kinds {
			all = append(all, k.searches...)
		}
		rand.New(rand.NewPCG(5, 6)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, k := range append(kinds, benchSearches{"all", all}) {
			b.Run(k.kind, func(b *testing.B) {
				percentiles(b, func(i int) { k.searches[i%len(k.searches)].run(b, db) })
			})
		}
	})
}

// language makes texts whose words are as unevenly spread as those of a
// language: few are everywhere, most are rare.
type language struct {
	random *rand.Rand
	words  []string // the most common first
	zipf   *rand.Zipf
}

func newLanguage() *language {
	const size = 50_000
	random := rand.New(rand.NewPCG(3, 4))
	syllables := strings.Fields("an ber co den el fi gra hu in jo ker la mi nor op pre qui re sta tor un ver wa xi yo zen")
	l := &language{random: random, zipf: rand.NewZipf(random, 1.1, 8, size-1)}
	for range size {
		word := ""
		for range 2 + random.IntN(3) {
			word += syllables[random.IntN(len(syllables))]
		}
		l.words = append(l.words, word)
	}
	return l
}

func (l *language) text(words int) []conversation.Part {
	var b strings.Builder
	for range words {
		b.WriteString(l.words[l.zipf.Uint64()])
		b.WriteByte(' ')
	}
	return []conversation.Part{{Type: conversation.Text, Text: b.String()}}
}

// past is what a database is filled with: conversations of some accounts, their
// messages in turn as time goes by. The first account has as many as are to be
// searched, the others a fiftieth each.
type past struct {
	total    int
	accounts []identity.AccountID
	chats    map[identity.AccountID][]conversation.ID
	leaves   map[conversation.ID]conversation.MessageID
}

const (
	benchOthers     = 4
	messagesPerChat = 100
	openChats       = 10 // conversations that go on at the same time
)

func newPast(b *testing.B, db *store.DB, total int) *past {
	b.Helper()
	p := &past{total: total, chats: map[identity.AccountID][]conversation.ID{}, leaves: map[conversation.ID]conversation.MessageID{}}
	for i := range 1 + benchOthers {
		account := newUser(b, db)
		p.accounts = append(p.accounts, account)
		count := total
		if i > 0 {
			count /= 50
		}
		for range count/messagesPerChat + openChats {
			c := newChat(account, "conversation")
			if err := db.Conversations().Create(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			p.chats[account] = append(p.chats[account], c.ID)
		}
	}
	return p
}

// messages yields all messages, the oldest first: questions and longer answers.
func (p *past) messages(l *language) iter.Seq[[]conversation.Message] {
	const chunk = 20_000
	return func(yield func([]conversation.Message) bool) {
		at := time.Unix(1_700_000_000, 0)
		written := map[identity.AccountID]int{}
		var some []conversation.Message
		write := func(account identity.AccountID) {
			at = at.Add(17 * time.Second)
			some = append(some, p.message(l, account, written[account], at))
			written[account]++
		}
		for i := range p.total {
			write(p.accounts[0])
			if i%50 < benchOthers {
				write(p.accounts[1+i%50])
			}
			if len(some) >= chunk || i == p.total-1 {
				if !yield(some) {
					return
				}
				some = nil
			}
		}
	}
}

func (p *past) message(l *language, account identity.AccountID, i int, at time.Time) conversation.Message {
	chats := p.chats[account]
	chat := chats[i/(messagesPerChat*openChats)*openChats+i/2%openChats]
	m := conversation.Message{Account: account, ID: conversation.MessageID(conversation.NewID()), Conversation: chat,
		Parent: p.leaves[chat], State: conversation.Complete, CreatedAt: at, Rev: int64(len(chats) + i + 1)}
	p.leaves[chat] = m.ID
	if i%2 == 0 {
		m.Role, m.Parts = conversation.User, l.text(5+l.random.IntN(30))
	} else {
		m.Role, m.Parts = conversation.Assistant, l.text(20+l.random.IntN(120))
		m.Model, m.Finish, m.FinishedAt = "demo/echo", "stop", at
		m.Usage = conversation.Usage{Input: 1000, Output: 100, CostMicroUSD: 900, PriceKnown: true}
	}
	return m
}

// benchSearch is one search to be measured.
type benchSearch struct {
	account identity.AccountID
	query   conversation.SearchQuery
}

type benchSearches struct {
	kind     string
	searches []benchSearch
}

func (s benchSearch) run(b *testing.B, db *store.DB) []conversation.Hit {
	hits, err := db.Conversations().Search(b.Context(), s.account, s.query)
	if err != nil {
		b.Fatal(err)
	}
	return hits
}

// perKind is how many searches there are of each kind.
const perKind = 20

// searches is what is asked, by kind. The words of a language's hundreds are in
// every hundredth message or so, those from the ten thousands on in a few.
func (p *past) searches(b *testing.B, db *store.DB, l *language) []benchSearches {
	var all []benchSearches
	add := func(kind string, search func(i int) benchSearch) {
		s := benchSearches{kind: kind}
		for i := range perKind {
			s.searches = append(s.searches, search(i))
		}
		all = append(all, s)
	}
	in := func(account identity.AccountID, query string) benchSearch {
		return benchSearch{account, conversation.SearchQuery{Query: conversation.ParseQuery(query), Limit: 20}}
	}
	common := func(i int) string { return l.words[i] }
	middle := func(i int) string { return l.words[150+i*100] }
	rare := func(i int) string { return l.words[20_000+i*1000] }
	for kind, query := range ordered(
		"common", func(i int) string { return common(i) },
		"middle", func(i int) string { return middle(i) },
		"rare", func(i int) string { return rare(i) },
		"none", func(i int) string { return rare(i) + "missing" },
		"and-rare", func(i int) string { return rare(i) + " " + common(i) },
		"and-one-common", func(i int) string { return middle(i) + " " + common(i) },
		"and-both-common", func(i int) string { return common(i) + " " + common(i+1) },
		"and-middle", func(i int) string { return middle(i) + " " + middle(i+1) },
		"phrase-common", func(i int) string { return `"` + common(i) + " " + common(i+1) + `"` },
		"phrase-less-common", func(i int) string { return `"` + common(20+i) + " " + common(60+i*2) + `"` },
		"phrase-long", func(i int) string { return `"` + common(i) + " " + common(i+1) + " " + common(i+2) + `"` },
		"phrase-middle", func(i int) string { return `"` + middle(i) + " " + common(i) + `"` },
		"prefix", func(i int) string { return middle(i)[:4] + "*" },
		"prefix-short", func(i int) string { return rare(i)[:2] + "*" },
	) {
		add(kind, func(i int) benchSearch { return in(p.accounts[0], query(i)) })
	}
	add("small-account", func(i int) benchSearch {
		return in(p.accounts[1+i%benchOthers], []string{common(i), middle(i), rare(i), `"` + common(i) + " " + common(i+1) + `"`}[i/5])
	})
	add("conversation", func(i int) benchSearch {
		s := in(p.accounts[0], []string{common(i), middle(i), rare(i), common(i) + " " + common(i+1)}[i/5])
		chats := p.chats[p.accounts[0]]
		s.query.Conversation = chats[i*(len(chats)-openChats)/perKind]
		return s
	})
	add("second-page", func(i int) benchSearch {
		s := in(p.accounts[0], []string{common(i), middle(i), middle(i) + " " + common(i), middle(i)[:4] + "*"}[i/5])
		if hits := s.run(b, db); len(hits) > 0 {
			last := hits[len(hits)-1]
			s.query.After = &conversation.SearchMark{CreatedAt: last.CreatedAt, ID: last.Message}
		}
		return s
	})
	return all
}

// ordered yields pairs of a kind's name and its queries.
func ordered(pairs ...any) iter.Seq2[string, func(int) string] {
	return func(yield func(string, func(int) string) bool) {
		for pair := range slices.Chunk(pairs, 2) {
			if !yield(pair[0].(string), pair[1].(func(int) string)) {
				return
			}
		}
	}
}
