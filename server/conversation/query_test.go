package conversation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
)

func show(q conversation.Query) string {
	var terms []string
	for _, t := range q.Terms {
		s := strings.Join(t.Words, " ")
		if t.Prefix {
			s += "*"
		}
		terms = append(terms, s)
	}
	return strings.Join(terms, "|")
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		``:                    "",
		`   `:                 "",
		`Hello World`:         "hello|world",
		`"hello world" again`: "hello world|again",
		`pre*`:                "pre*",
		`p*`:                  "p",
		`*`:                   "",
		`"two wor"*`:          "two wor*",
		`"two wor*"`:          "two wor",
		`foo_bar`:             "foo bar",
		`http.Handler`:        "http handler",
		`foo_ba*`:             "foo ba*",
		`a*b`:                 "a b",
		`say "unclosed words`: "say|unclosed|words",
		`"`:                   "",
		`""`:                  "",
		`NEAR(a, b)`:          "near a|b",
		`a AND b OR c`:        "a|and|b|or|c",
		`100% -x :y 'z'`:      "100|x|y|z",
		`don't`:               "don t",
		`日本語`:                 "日 本 語",
		`日本*`:                 "日 本",
		`go言語`:                "go 言 語",
		`ガ ｶﾞ`:                "ガ|ガ",
		`한국어*`:                "한국어*",
		`Ünï Straße ΣΊΣΥΦΟΣ`:  "uni|strasse|σισυφοσ",
		`ﬁx²`:                 "fix2",
		"\xff bad\xfe":        "bad",
		"pre!*":               "pre",
	} {
		if got := show(conversation.ParseQuery(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWordsSayWhereTheyStand(t *testing.T) {
	t.Parallel()
	const text = "Été, à la plage — 海へ行く! e\u0301"
	var got []string
	for w := range conversation.Words(text) {
		got = append(got, fmt.Sprintf("%s=%s", text[w.Start:w.End], w.Text))
	}
	want := "Été=ete à=a la=la plage=plage 海=海 へ=へ 行=行 く=く e\u0301=e"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestALongWordIsCut(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"x", "é", "ж", "e\u0301"} {
		for w := range conversation.Words(strings.Repeat(unit, 5000)) {
			if len(w.Text) > conversation.MaxWord || len(w.Text) < conversation.MaxWord-4 {
				t.Errorf("%q: a folded word of %d bytes", unit, len(w.Text))
			}
		}
	}
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("lorem ipsum ", 50)
	for _, tc := range []struct{ name, text, query, want string }{
		{"short", "a cat sat", "cat", "a [cat] sat"},
		{"lines", "one\n\n  two\tthree", "two", "one [two] three"},
		{"phrase", "see foo_bar and foo bar", "foo_bar", "see [foo_bar] and [foo bar]"},
		{"prefix", "Handlers handle", "hand*", "[Handlers] [handle]"},
		{"accents", "le café", "CAFE", "le [café]"},
		{"ideographs", "私は日本語を話す", "日本", "私は[日本]語を話す"},
		{"in the middle", long + "needle " + long, "needle", ""},
		{"no match", "nothing here", "cat", "nothing here"},
	} {
		snippet, marks := conversation.Snippet(tc.text, conversation.ParseQuery(tc.query))
		if n := len([]rune(snippet)); n > 160 {
			t.Errorf("%s: %d runes", tc.name, n)
		}
		if tc.want == "" {
			if len(marks) != 1 || snippet[marks[0][0]:marks[0][1]] != tc.query {
				t.Errorf("%s: %q %v", tc.name, snippet, marks)
			}
			continue
		}
		marked, at := "", 0
		for _, m := range marks {
			marked += snippet[at:m[0]] + "[" + snippet[m[0]:m[1]] + "]"
			at = m[1]
		}
		if marked += snippet[at:]; marked != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, marked, tc.want)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{`"a b"* c*`, `foo_bar "`, "日本*", "\xff\"\x00", `NEAR(a "b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, term := range conversation.ParseQuery(s).Terms {
			if len(term.Words) == 0 {
				t.Fatal("a term without words")
			}
			for _, w := range term.Words {
				if w == "" || len(w) > conversation.MaxWord || strings.ContainsAny(w, " '\\\"") {
					t.Fatalf("word %q of %q", w, s)
				}
			}
		}
		conversation.Snippet(s, conversation.ParseQuery(s))
	})
}
