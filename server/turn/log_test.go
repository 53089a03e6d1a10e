package turn_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/turn"
)

var answer = []conversation.Part{
	{Type: conversation.Reasoning, Text: "think", Opaque: []byte{1, 2, 3}, OpaqueFrom: "anthropic"},
	{Type: conversation.Text, Text: "so it is"},
	{Type: conversation.Text, Text: "signed", Opaque: []byte("s"), OpaqueFrom: "gemini"},
	{Type: conversation.ToolCall, CallID: "c1", Name: "look", Arguments: `{"a":1}`},
	{Type: conversation.ToolCall, CallID: "c2", Name: "again"},
	{Type: conversation.Reasoning, Opaque: []byte{9}, OpaqueFrom: "anthropic"},
}

func TestAnAnswerAndItsLogAreOne(t *testing.T) {
	t.Parallel()
	text, runs := turn.LogOf(answer).Since(0, nil)
	if got := turn.Parts(text, runs); !reflect.DeepEqual(got, answer) {
		t.Errorf("got  %+v\nwant %+v", got, answer)
	}
}

// Cut anywhere, the pieces of a log are the log.
func TestALogInPieces(t *testing.T) {
	t.Parallel()
	whole := turn.LogOf(answer)
	for range 500 {
		var text []byte
		var runs []turn.Run
		for from := int64(0); from < whole.Len(); {
			to := from + 1 + rand.Int64N(whole.Len()-from)
			rest, restRuns := whole.Since(from, nil)
			text = append(text, rest[:to-from]...)
			for _, r := range restRuns {
				if r.End-int64(0) >= to {
					r.End = to
					runs = append(runs, r)
					break
				}
				runs = append(runs, r)
			}
			from = to
		}
		got := turn.Parts(text, runs)
		for i := range got {
			if got[i].Type != conversation.Reasoning && !reflect.DeepEqual(got[i].Text, answer[i].Text) {
				t.Fatalf("part %d is %+v, want %+v", i, got[i], answer[i])
			}
		}
	}
}

func TestAPositionBeyondTheEnd(t *testing.T) {
	t.Parallel()
	l := turn.LogOf(answer)
	if text, runs := l.Since(l.Len()+1, nil); text != nil || len(runs) != 0 {
		t.Errorf("%q, %v", text, runs)
	}
}
