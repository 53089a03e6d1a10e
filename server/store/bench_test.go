package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/turn"
)

// The sizes of the benchmarks' databases. AICHAT_BENCH_MESSAGES sets how many
// messages are searched; the promise is made for a million.
const (
	benchChats      = 10_000
	benchMessages   = 20_000
	messagesPerChat = 100
)

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

// benchBoth runs a benchmark on an empty database of each kind.
func benchBoth(b *testing.B, run func(b *testing.B, db *store.DB)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, open(b, store.Options{Database: filepath.Join(b.TempDir(), "a.db")}))
	})
	b.Run("postgres", func(b *testing.B) { run(b, open(b, store.Options{Database: pgtest.URL(b)})) })
}

// percentiles runs do b.N times and reports how long the slowest took.
func percentiles(b *testing.B, do func(i int)) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		do(i)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	at := func(p int) float64 { return took[(len(took)-1)*p/100].Seconds() * 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(95), "p95-ms")
	b.ReportMetric(at(100), "max-ms")
}

// BenchmarkList reads pages of a list of 10 000 conversations, the first and
// others.
func BenchmarkList(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account := newUser(b, db)
		marks := []*conversation.ListMark{nil}
		for i := range benchChats {
			c := newChat(account, fmt.Sprint("conversation ", i))
			c.UpdatedAt = c.UpdatedAt.Add(time.Duration(i) * time.Minute)
			c.System = strings.Repeat("be brief. ", 100)
			if err := db.Conversations().Create(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			if i%100 == 0 {
				marks = append(marks, &conversation.ListMark{UpdatedAt: c.UpdatedAt, ID: c.ID})
			}
		}
		analyse(b, db)
		percentiles(b, func(i int) {
			if _, err := db.Conversations().List(b.Context(), account,
				conversation.ListQuery{Limit: 100, After: marks[i%len(marks)]}); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// analyse gives the planner its figures, as the server's autovacuum does.
func analyse(b *testing.B, db *store.DB) {
	b.Helper()
	if _, err := db.Write().ExecContext(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// language makes texts whose words are as unevenly spread as those of a
// language: few are everywhere, most are rare.
type language struct {
	words []string
	zipf  *rand.Zipf
}

func newLanguage() *language {
	random := rand.New(rand.NewPCG(3, 4))
	syllables := strings.Fields("an ber co den el fi gra hu in jo ker la mi nor op pre qui re sta tor un ver wa xi yo zen")
	l := &language{zipf: rand.NewZipf(random, 1.1, 8, 49_999)}
	for range 50_000 {
		word := ""
		for range 2 + random.IntN(3) {
			word += syllables[random.IntN(len(syllables))]
		}
		l.words = append(l.words, word)
	}
	return l
}

func (l *language) text(words int) string {
	var b strings.Builder
	for range words {
		b.WriteString(l.words[l.zipf.Uint64()])
		b.WriteByte(' ')
	}
	return b.String()
}

// queries is what the search benchmark asks, by kind.
func (l *language) queries() map[string][]string {
	kinds := map[string][]string{}
	add := func(kind, query string) { kinds[kind] = append(kinds[kind], query) }
	for i := range 20 {
		common, middle, rare := l.words[i], l.words[200+i*40], l.words[20_000+i*1000]
		add("common", common)
		add("middle", middle)
		add("rare", rare)
		add("and", middle+" "+common)
		add("and-middle", middle+" "+l.words[300+i*70])
		add("phrase", `"`+common+" "+l.words[i+1]+`"`)
		add("phrase-rare", `"`+middle+" "+l.words[250+i*30]+`"`)
		add("prefix", middle[:4]+"*")
		add("prefix-2", rare[:2]+"*")
	}
	return kinds
}

// BenchmarkSearch searches one account's messages, page by page.
func BenchmarkSearch(b *testing.B) {
	total := messagesToSearch(b)
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account := newUser(b, db)
		l := newLanguage()
		start := time.Now()
		importMessages(b, db, account, l, total)
		b.Logf("%d messages stored in %v", total, time.Since(start).Round(time.Second))
		analyse(b, db)
		var all []string
		kinds := l.queries()
		for _, queries := range kinds {
			all = append(all, queries...)
		}
		slices.Sort(all)
		rand.New(rand.NewPCG(5, 6)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		kinds["all"] = all
		for _, kind := range []string{"all", "common", "middle", "rare", "and", "and-middle", "phrase", "phrase-rare", "prefix", "prefix-2"} {
			b.Run(kind, func(b *testing.B) {
				percentiles(b, func(i int) {
					q := conversation.ParseQuery(kinds[kind][i%len(kinds[kind])])
					if _, err := db.Conversations().Search(b.Context(), account, conversation.SearchQuery{Query: q, Limit: 20}); err != nil {
						b.Fatal(err)
					}
				})
			})
		}
	})
}

func importMessages(b *testing.B, db *store.DB, account identity.AccountID, l *language, total int) {
	b.Helper()
	at := time.Unix(1_700_000_000, 0)
	rev := int64(0)
	for done := 0; done < total; {
		c := newChat(account, "conversation")
		if err := db.Conversations().Create(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		rev++
		var all []conversation.Message
		for range messagesPerChat * 10 {
			at = at.Add(17 * time.Second)
			rev++
			all = append(all, conversation.Message{Account: account, Conversation: c.ID, ID: conversation.MessageID(conversation.NewID()),
				Role: conversation.User, State: conversation.Complete, CreatedAt: at, Rev: rev,
				Parts: []conversation.Part{{Type: conversation.Text, Text: l.text(20 + done%60)}}})
			done++
		}
		if err := store.Import(b.Context(), db, all); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens a current SQLite file: part of every cold start of a local
// server.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.db")
	for b.Loop() {
		db, err := store.Open(b.Context(), store.Options{Database: path})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTurn stores whole turns, one after the other: begin, a checkpoint, the
// end.
func BenchmarkTurn(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account := newUser(b, db)
		c := newChat(account, "x")
		if err := db.Conversations().Create(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			oneTurn(b, db, account, c.ID)
		}
	})
}

func oneTurn(b *testing.B, db *store.DB, account identity.AccountID, chat conversation.ID) {
	b.Helper()
	now := time.Unix(1_700_000_000, 0)
	rec, _, err := db.Turns().Begin(b.Context(), turn.BeginParams{
		Record: turn.Record{Ref: turn.Ref{Account: account, ID: conversation.MessageID(conversation.NewID())},
			Conversation: chat, Model: "demo/echo", Owner: "p"},
		Ask:   &conversation.Message{ID: conversation.MessageID(conversation.NewID()), CreatedAt: time.Now()},
		Lease: time.Minute, Now: now,
	})
	if err != nil {
		b.Fatal(err)
	}
	chunk := turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, Text: []byte("hello"), Runs: []turn.Run{{Kind: turn.RunText, End: 5}}}
	if _, _, err := db.Turns().Checkpoint(b.Context(), "p", time.Minute, []turn.Ref{rec.Ref}, []turn.Chunk{chunk}); err != nil {
		b.Fatal(err)
	}
	if _, err := db.Turns().Finish(b.Context(), turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed, Now: now,
		Answer: conversation.Message{State: conversation.Complete, CreatedAt: time.Now(),
			Parts: []conversation.Part{{Type: conversation.Text, Text: "hello"}}}}); err != nil {
		b.Fatal(err)
	}
}
