package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
)

// corpus is what the table of searches is asked of, by name; each is a question.
var corpus = map[string]string{
	"hello":    "Hello, World! Hello again.",
	"world":    "The world says hello",
	"accents":  "Crème brûlée in São Paulo, naïve Ünïcödé",
	"plain":    "creme brulee without any accents",
	"code":     "func foo_bar(h http.Handler) error { return nil }",
	"parts":    "foo and bar, the handler of http",
	"japanese": "私は日本語を話します。カタカナとｶﾞ",
	"chinese":  "我們學習中文語言",
	"korean":   "한국어 문장입니다",
	"russian":  "Привет, МИР! Ёжик",
	"german":   "Die Straße ist groß",
	"math":     "100% sure: a*b-c'd NEAR(x, y) x² ½ 3.14",
	"phrase":   "to be or not to be, that is the question",
	"shuffled": "be to or to not be: question the is that",
	"emoji":    "😀 party 🎉party",
	"thai":     "สวัสดี ภาษาไทย",
	"arabic":   "مُحَمَّد كتب",
	"handlers": "Handlers handle handling",
}

// searches says for each query what must be found, on every database.
var searches = map[string]string{
	"hello":              "hello world",
	"HELLO":              "hello world",
	"hello world":        "hello world",
	`"hello world"`:      "hello",
	`"world hello"`:      "hello",
	`"says hello"`:       "world",
	"hello party":        "",
	"creme":              "accents plain",
	"crème brûlée":       "accents plain",
	`"sao paulo"`:        "accents",
	"unicode":            "accents",
	"foo_bar":            "code",
	"foo bar":            "code parts",
	"http.Handler":       "code",
	"http handler":       "code parts",
	"Handler":            "code parts",
	"hand*":              "code parts handlers",
	"handl* handling":    "handlers",
	"handlers*":          "handlers",
	"h*":                 "code",
	"ha*":                "code parts handlers",
	`"handlers hand"*`:   "handlers",
	`"handle hand"*`:     "handlers",
	`"handling hand"*`:   "",
	"日本語":                "japanese",
	"日本":                 "japanese",
	"日語":                 "",
	"語":                  "japanese chinese",
	"中文":                 "chinese",
	"中文*":                "chinese",
	"カタ":                 "japanese",
	"ガ":                  "japanese",
	"カ":                  "japanese",
	"한국어":                "korean",
	"한국*":                "korean",
	"한":                  "",
	"мир":                "russian",
	"ЕЖИК":               "russian",
	"strasse":            "german",
	"STRASSE GROß":       "german",
	"100%":               "math",
	"3.14":               "math",
	"x2":                 "math",
	"NEAR(x y)":          "math",
	"c'd":                "math",
	"b-c":                "math",
	"to be":              "phrase shuffled",
	`"to be"`:            "phrase",
	`"be to"`:            "shuffled",
	`"not to be"`:        "phrase",
	`"the question"`:     "phrase",
	"party":              "emoji",
	"😀":                  "",
	"محمد":               "arabic",
	`"`:                  "",
	`""`:                 "",
	`*`:                  "",
	`%`:                  "",
	`'`:                  "",
	`-`:                  "",
	`:`:                  "",
	`NEAR(`:              "math",
	`(`:                  "",
	`^hello`:             "hello world",
	`words:hello`:        "",
	`scope:hello`:        "",
	`hello"`:             "hello world",
	`"hello`:             "hello world",
	`hello AND world`:    "",
	`hello OR creme`:     "",
	`NOT hello`:          "",
	`hello -world`:       "hello world",
	`{hello}`:            "hello world",
	`hello;`:             "hello world",
	`hello' OR '1'='1`:   "",
	`\hello\`:            "hello world",
	`hello & world | !x`: "",
	`hello:*`:            "hello world",
	`<->`:                "",
	`hello <-> again`:    "hello",
	"":                   "",
	" \t\n":              "",
}

func (w *world) search(q conversation.SearchQuery) []conversation.Hit {
	w.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	hits, err := w.chats.Search(w.ctx, w.account, q)
	w.must(err)
	return hits
}

func search(w *world) {
	chat := w.newChat("titles are not searched")
	names := map[conversation.MessageID]string{}
	for name, s := range corpus {
		p := w.ask(chat.ID, "", s)
		rec := w.begin(p)
		names[rec.Question] = name
		fin := w.done(rec, "answer")
		fin.Answer.Parts = append(fin.Answer.Parts, conversation.Part{Type: conversation.Reasoning, Text: "hello thought"})
		w.finish(fin)
	}
	for query, want := range searches {
		var found []string
		for _, h := range w.search(conversation.SearchQuery{Query: conversation.ParseQuery(query)}) {
			found = append(found, names[h.Message])
			if len(h.Marks) == 0 || h.Title != chat.Title || h.Conversation != chat.ID {
				w.Errorf("%q: hit %+v", query, h)
			}
		}
		expected := strings.Fields(want)
		slices.Sort(found)
		slices.Sort(expected)
		if !slices.Equal(found, expected) {
			w.Errorf("%q finds %v, want %v", query, found, expected)
		}
	}
	answers := w.search(conversation.SearchQuery{Query: conversation.ParseQuery("answer")})
	wantEqual(w, "answers", len(answers), len(corpus))
	wantEqual(w, "role", answers[0].Role, conversation.Assistant)
	wantEqual(w, "thoughts", len(w.search(conversation.SearchQuery{Query: conversation.ParseQuery("thought")})), 0)
	wantEqual(w, "titles", len(w.search(conversation.SearchQuery{Query: conversation.ParseQuery("searched")})), 0)
}

func searchPages(w *world) {
	chat := w.newChat("one")
	at := w.now()
	for i := range 23 {
		p := w.ask(chat.ID, "", fmt.Sprint("needle ", i))
		p.Ask.CreatedAt = at.Add([]time.Duration{0, -5e6, -5e6, -1e6}[i%4]) // out of order, and some at once
		w.finish(w.done(w.begin(p), "hay"))
	}
	q := conversation.SearchQuery{Query: conversation.ParseQuery("needle"), Limit: 5}
	seen := map[conversation.MessageID]bool{}
	last := at
	for {
		page := w.search(q)
		for _, h := range page {
			if seen[h.Message] || h.CreatedAt.After(last) {
				w.Fatalf("hit %+v again, or after %v", h, last)
			}
			seen[h.Message], last = true, h.CreatedAt
		}
		if len(page) < q.Limit {
			break
		}
		end := page[len(page)-1]
		q.After = &conversation.SearchMark{CreatedAt: end.CreatedAt, ID: end.Message}
	}
	wantEqual(w, "found", len(seen), 23)
	q.After = &conversation.SearchMark{CreatedAt: at.AddDate(-1, 0, 0), ID: newMessageID()}
	wantEqual(w, "behind the end", len(w.search(q)), 0)
}

func searchScope(w *world) {
	one, two := w.newChat("one"), w.newChat("two")
	w.say(one.ID, "", "needle", "hay")
	w.say(two.ID, "", "hay", "needle")
	q := conversation.SearchQuery{Query: conversation.ParseQuery("needle")}
	wantEqual(w, "everywhere", len(w.search(q)), 2)
	q.Conversation = two.ID
	wantEqual(w, "in one", len(w.search(q)), 1)
	w.must(w.chats.Delete(w.ctx, w.account, two.ID, w.now()))
	wantEqual(w, "in a deleted one", len(w.search(q)), 0)
	_, err := w.chats.Restore(w.ctx, w.account, two.ID, w.now())
	w.must(err)
	wantEqual(w, "in a restored one", len(w.search(q)), 1)
	w.say(one.ID, "", "the needle of the hay", "hay of the needle")
	for query, want := range map[string][2]int{
		`"of the"`: {2, 0}, `"of the needle"`: {1, 0}, `"of the hay"`: {1, 0}, `"the of"`: {0, 0}, `"of th"*`: {2, 0},
		`"hay of" "the needle"`: {1, 0}, "needle -the": {2, 0}, "needle": {3, 1},
	} {
		for i, chat := range []conversation.ID{one.ID, two.ID} {
			q := conversation.SearchQuery{Query: conversation.ParseQuery(query), Conversation: chat}
			wantEqual(w, query, len(w.search(q)), want[i])
		}
	}
	q.Query, q.Conversation = conversation.ParseQuery(strings.ReplaceAll(string(one.ID), "-", "")), ""
	wantEqual(w, "an id is no word", len(w.search(q)), 0)
}

// searchLarge stores what breaks the limits of the databases: more positions
// than a tsvector has, more of one word, more different words.
func searchLarge(w *world) {
	chat := w.newChat("large")
	random := rand.New(rand.NewPCG(1, 2))
	var prose strings.Builder
	for prose.Len() < 5<<20 {
		fmt.Fprintf(&prose, "word%d of the text, ", random.IntN(20_000))
	}
	prose.WriteString("the very last phrase")
	q, _ := w.say(chat.ID, "", prose.String(), strings.Repeat("x", 100_000)+" "+strings.Repeat("日", 100_000)+" tail")
	m, err := w.chats.Message(w.ctx, w.account, q)
	w.must(err)
	if m.Parts[0].Text != prose.String() {
		w.Fatal("the text has changed")
	}
	var noise strings.Builder
	noise.WriteString("beginning ")
	for range 200_000 { // nearly every marker of a pair that there is
		fmt.Fprintf(&noise, "%d ", random.IntN(1000))
	}
	for noise.Len() < 5<<20 {
		fmt.Fprintf(&noise, "%016x ", random.Uint64())
	}
	w.say(chat.ID, "", noise.String(), "ok")
	for query, want := range map[string]int{
		`"very last phrase"`: 1, `"last very"`: 0, "word1 word19999": 1, "phra*": 1, "tail": 1, "日日日": 1,
		strings.Repeat("x", 100_000): 1, "beginning": 1,
	} {
		if got := len(w.search(conversation.SearchQuery{Query: conversation.ParseQuery(query)})); got != want {
			w.Errorf("%.40q: %d hits, want %d", query, got, want)
		}
	}
}
