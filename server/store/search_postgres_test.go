package store

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
)

// TestLexemesStayTheSame: they are stored, so a search must ask for what an
// older program wrote.
func TestLexemesStayTheSame(t *testing.T) {
	t.Parallel()
	body, words := indexedWords("To be, or not to be")
	got := lexemes(indexed{account: "00000000-0000-4000-8000-000000000001",
		conversation: "00000000-0000-4000-8000-000000000002", body: body, words: words})
	const want = `to be or not @1lk2lsi #1la30cf ~epa ~19de ~hr2 ~wfc`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, tc := range []struct{ query, want string }{
		{`"not to be"`, `'@1lk2lsi' & 'not' & '~wfc' & 'to' & '~epa' & 'be'`},
		{`"not to be"*`, `'@1lk2lsi' & 'not' & '~wfc' & 'to' & 'be':*`},
	} {
		asked := tsQuery(searching{account: "00000000-0000-4000-8000-000000000001", terms: conversation.ParseQuery(tc.query).Terms})
		if asked != tc.want {
			t.Errorf("%s asks %s\nwant %s", tc.query, asked, tc.want)
		}
		for lexeme := range strings.SplitSeq(asked, " & ") {
			stem, prefix := strings.CutSuffix(lexeme, ":*")
			if !prefix && !strings.Contains(" "+got+" ", " "+strings.Trim(stem, "'")+" ") {
				t.Errorf("%s asks %s, which is not stored", tc.query, lexeme)
			}
		}
	}
}
