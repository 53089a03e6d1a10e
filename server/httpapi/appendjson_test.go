package httpapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/turn"
)

func FuzzAppendJSONString(f *testing.F) {
	for _, seed := range []string{"", "plain", "a\"b\\c\n\r\t\x00\x1f\x7f", "ünï 日本 🎉", "\xff\xfe", "é\xc3", "\u2028", "</script>\x1b[2J"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		out := appendJSONString([]byte("x"), text)[1:]
		if bytes.ContainsAny(out, "\n\r") || !utf8.Valid(out) {
			t.Fatalf("%q is not one line of UTF-8", out)
		}
		var back string
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		if want := strings.ToValidUTF8(string(text), "\ufffd"); utf8.Valid(text) && back != want {
			t.Fatalf("%q became %q", text, back)
		}
	})
}

func TestDeltaIsWhatTheContractSays(t *testing.T) {
	t.Parallel()
	u := &turn.Update{
		Text: []byte("think\"so\"héllo{}"), Position: 117,
		Runs: []turn.Run{
			{Kind: turn.RunReasoning, Part: 0, End: 109},
			{Kind: turn.RunText, Part: 1, End: 115},
			{Kind: turn.RunToolCall, Part: 2, End: 117, Meta: `{"id":"c1","name":"look"}`},
		},
	}
	want := []struct {
		id string
		wire.Delta
	}{
		{"109", wire.Delta{Part: 0, Type: wire.PartReasoning, Text: `think"so"`}},
		{"115", wire.Delta{Part: 1, Type: wire.PartText, Text: "héllo"}},
		{"117", wire.Delta{Part: 2, Type: wire.PartToolCall, Text: "{}", Name: "look", CallID: "c1"}},
	}
	teller := teller{told: -1}
	events := strings.Split(strings.TrimSuffix(string(teller.append(nil, u)), "\n\n"), "\n\n")
	if len(events) != len(want) {
		t.Fatalf("%d events: %q", len(events), events)
	}
	for i, w := range want {
		data, _ := json.Marshal(w.Delta)
		if got := "id: " + w.id + "\nevent: delta\ndata: " + string(data); events[i] != got {
			t.Errorf("got  %q\nwant %q", events[i], got)
		}
	}
}

func TestForgedPositionYieldsWholeCharacters(t *testing.T) {
	t.Parallel()
	text := []byte("日本🎉")
	for from := range text {
		teller := teller{told: -1}
		out := teller.append(nil, &turn.Update{
			Text: text[from:], Position: int64(len(text)),
			Runs: []turn.Run{{Kind: turn.RunText, End: int64(len(text))}},
		})
		if !utf8.Valid(out) || bytes.Contains(out, []byte(`\ufffd`)) {
			t.Errorf("from %d: %q", from, out)
		}
	}
}

func TestSealedBytesAreNotTold(t *testing.T) {
	t.Parallel()
	teller := teller{told: -1}
	out := teller.append(nil, &turn.Update{
		Text: []byte("c2VhbGVkhi"), Position: 10,
		Runs: []turn.Run{{Kind: turn.RunOpaque, End: 8, Meta: "anthropic"}, {Kind: turn.RunText, Part: 1, End: 10}},
	})
	if bytes.Contains(out, []byte("c2VhbGVk")) || !bytes.Contains(out, []byte(`"hi"`)) {
		t.Errorf("%q", out)
	}
}

func BenchmarkAppendDelta(b *testing.B) {
	text := []byte(" word that a model says, with \"quotes\"\n")
	u := &turn.Update{Text: text, Position: int64(len(text)), Runs: []turn.Run{{Kind: turn.RunText, End: int64(len(text))}}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		teller := teller{told: -1}
		buf = teller.append(buf[:0], u)
	}
}
