package client_test

import (
	"testing"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// FuzzDecodeEvent holds the decoder to its promises on any input: it does not
// panic, an event that it knows has exactly the content that its name says, and
// the Assembler takes whatever comes of it.
func FuzzDecodeEvent(f *testing.F) {
	for name, data := range map[string]string{
		wire.EventTurn:        `{"id":"t","conversation":"c","state":"running","started_at":"2026-11-22T10:15:00Z","position":0}`,
		wire.EventDelta:       `{"part":0,"type":"text","text":"Hello \ud83c\udf37"}`,
		wire.EventSnapshot:    `{"parts":[{"type":"tool_call","name":"f","call_id":"1","arguments":"{}"},{"type":"later","new":1}]}`,
		wire.EventNotice:      `{"code":"retrying","text":"Again."}`,
		wire.EventCompleted:   `{"message":{"id":"t","state":"complete","usage":{"cost_microusd":null},"finished_at":null},"title":"T"}`,
		wire.EventCancelled:   `{"message":{}}`,
		wire.EventFailed:      `{"message":{"error_code":"provider_rate_limited"},"retry_after":30}`,
		wire.EventInterrupted: `null`,
		"future":              `{"anything":[]}`,
		"":                    ``,
		"delta ":              `{}`,
	} {
		f.Add(name, "12", []byte(data))
	}
	f.Add(wire.EventDelta, "", []byte(`{"part":-9223372036854775808,"type":"text"}`))
	f.Add(wire.EventDelta, "", []byte(`{"part":65535}`))
	f.Add(wire.EventDelta, "", []byte(`{"part":1e400,"text":"\xff"}`))
	f.Add(wire.EventTurn, "", []byte(`[[[[[[[[`))
	f.Fuzz(func(t *testing.T, name, id string, data []byte) {
		ev, known, err := client.DecodeEvent(name, id, data)
		if err != nil && known {
			t.Fatal("an error, and known")
		}
		if !known {
			return
		}
		set := 0
		for _, is := range []bool{ev.Turn != nil, ev.Delta != nil, ev.Snapshot != nil, ev.Notice != nil, ev.End != nil} {
			if is {
				set++
			}
		}
		if set != 1 || ev.Connection != nil || ev.Name != name || ev.ID != id || ev.Terminal() != wire.Terminal(name) {
			t.Fatalf("%d contents of %q: %+v", set, name, ev)
		}
		var a client.Assembler
		a.Apply(ev)
		if a.Parts() == nil {
			t.Fatal("no parts")
		}
	})
}
