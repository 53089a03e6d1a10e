package client_test

import (
	"reflect"
	"testing"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func delta(part int, kind, text string) client.Event {
	return client.Event{Name: wire.EventDelta, Delta: &wire.Delta{Part: part, Type: kind, Text: text}}
}

func TestAssembler(t *testing.T) {
	t.Parallel()
	call := delta(3, wire.PartToolCall, `{"q":`)
	call.Delta.Name, call.Delta.CallID = "search", "c1"
	var a client.Assembler
	for _, ev := range []client.Event{
		{Name: wire.EventTurn, Turn: &wire.Turn{}},
		delta(0, wire.PartReasoning, "Let me"),
		delta(0, wire.PartReasoning, " see."),
		delta(1, wire.PartText, "It "),
		call,
		delta(3, wire.PartToolCall, `"x"}`),
		delta(1, wire.PartText, "is"), // part 2 is one that is not told of
		delta(4, wire.PartText, " so."),
		delta(-1, wire.PartText, "lost"),
		delta(1<<20, wire.PartText, "lost"),
	} {
		a.Apply(ev)
	}
	want := []wire.Part{
		{Type: wire.PartReasoning, Text: "Let me see."},
		{Type: wire.PartText, Text: "It is"},
		{Type: wire.PartToolCall, Name: "search", CallID: "c1", Arguments: `{"q":"x"}`},
		{Type: wire.PartText, Text: " so."},
	}
	if got := a.Parts(); !reflect.DeepEqual(got, want) {
		t.Errorf("parts %+v", got)
	}
	if a.Text() != "It is so." || a.Reasoning() != "Let me see." {
		t.Errorf("text %q, reasoning %q", a.Text(), a.Reasoning())
	}
	a.Apply(client.Event{Snapshot: &wire.Snapshot{Parts: want[:3]}})
	a.Apply(delta(2, wire.PartToolCall, "!"))
	a.Apply(delta(3, wire.PartText, "."))
	if got := a.Parts(); len(got) != 4 || got[2].Arguments != `{"q":"x"}!` || a.Text() != "It is." {
		t.Errorf("after a snapshot: %+v", got)
	}
}

func TestAssemblerSaysWhatChanged(t *testing.T) {
	t.Parallel()
	var a client.Assembler
	for name, tc := range map[string]struct {
		ev   client.Event
		want bool
	}{
		"turn":     {client.Event{Turn: &wire.Turn{}}, false},
		"notice":   {client.Event{Notice: &wire.Notice{}}, false},
		"delta":    {delta(0, wire.PartText, "a"), true},
		"snapshot": {client.Event{Snapshot: &wire.Snapshot{}}, true},
		"end":      {client.Event{End: &wire.End{}}, false},
	} {
		if got := a.Apply(tc.ev); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
