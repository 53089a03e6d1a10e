package turn_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
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

// A reader that comes back for the rest gets the whole log, in pieces that are
// bounded and cut between what was appended.
func TestALogReadBehind(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var l turn.Log
	var want []byte
	var at int64 // where a reader stands who keeps up now and then
	borders := map[int64]bool{0: true}
	for i := range 3000 {
		word := strings.Repeat(string(rune('a'+i%26)), 1+random.IntN(60))
		if i == 1000 {
			word = strings.Repeat("huge", 5000)
		}
		l.Append(turn.RunKind(1+i/700), i/100, "", word)
		want = append(want, word...)
		borders[l.Len()] = true
		if random.IntN(300) == 0 {
			text, _ := l.Since(at, nil)
			if !bytes.Equal(text, want[at:]) {
				t.Fatalf("from %d: %d bytes, want %d", at, len(text), len(want)-int(at))
			}
			at = l.Len()
		}
	}
	whole, all := l.Whole()
	if whole != string(want) {
		t.Error("the whole log is another")
	}
	for _, from := range []int64{0, 1, 700, 4096, l.Len() - 1} {
		got, runs := []byte(nil), []turn.Run(nil)
		for pos := from; pos < l.Len(); {
			text, some := l.Next(pos, nil)
			if pos += int64(len(text)); !borders[pos] || len(text) > 64<<10 || some[len(some)-1].End != pos {
				t.Fatalf("%d bytes up to %d, runs %v", len(text), pos, some)
			}
			got, runs = append(got, text...), append(runs, some...)
		}
		if !bytes.Equal(got, want[from:]) {
			t.Errorf("from %d: another text", from)
		}
		rest := slices.DeleteFunc(slices.Clone(all), func(r turn.Run) bool { return r.End <= from })
		if from == 0 && !reflect.DeepEqual(turn.Parts(got, joined(runs)), turn.Parts(whole, rest)) {
			t.Error("other runs")
		}
	}
}

// joined makes one run of those that a piece's border has parted.
func joined(runs []turn.Run) (all []turn.Run) {
	for _, r := range runs {
		if n := len(all); n > 0 && all[n-1].Part == r.Part && all[n-1].Kind == r.Kind {
			all[n-1].End = r.End
			continue
		}
		all = append(all, r)
	}
	return all
}

func TestAPositionBeyondTheEnd(t *testing.T) {
	t.Parallel()
	l := turn.LogOf(answer)
	if text, runs := l.Since(l.Len()+1, nil); text != nil || len(runs) != 0 {
		t.Errorf("%q, %v", text, runs)
	}
}
