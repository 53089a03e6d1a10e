package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/turn"
)

// following tells a client of a turn until its end. A feed that fails is not
// explained: without its terminal event the stream is unfinished, and the client
// comes back to where it was.
type following struct {
	api  *API
	feed turn.Feed
	teller
}

func (a *API) follow(feed turn.Feed) telling {
	return &following{api: a, feed: feed, teller: newTeller()}
}

// watched is the feed of a stream that can be pushed.
func watched(t telling) (turn.WatchedFeed, bool) {
	f, ok := t.(*following)
	if !ok {
		return nil, false
	}
	feed, ok := f.feed.(turn.WatchedFeed)
	return feed, ok
}

func (f *following) first() []byte {
	return appendEvent(nil, wire.EventTurn, -1, turnOut(f.feed.Status()))
}

func (f *following) tell(ctx context.Context, s *stream) (whole bool) {
	for {
		u, err := f.feed.Next(ctx, f.api.Heartbeat)
		if err != nil {
			f.api.unfinished(ctx, err)
			return false
		}
		if err := f.teller.tell(s, &u); err != nil || u.End != nil {
			return err == nil
		}
	}
}

func (f *following) close() { f.feed.Close() }

// unfinished notes why a feed has failed.
func (a *API) unfinished(ctx context.Context, err error) {
	if !errors.Is(err, io.EOF) {
		a.note(ctx, err)
	}
}

// teller turns updates into events.
type teller struct {
	told int // the tool call whose name has been told; -1: none
}

func newTeller() teller { return teller{told: -1} }

// tell sends an update.
func (t *teller) tell(s *stream, u *turn.Update) error {
	if u.Idle {
		return s.send(heartbeat)
	}
	return s.sendWith(func(out []byte) []byte { return t.append(out, u) })
}

func (t *teller) append(out []byte, u *turn.Update) []byte {
	if u.End != nil || u.Notice != nil || u.Snapshot {
		return appendRare(out, u)
	}
	return t.appendRuns(out, u)
}

// appendRare is apart from append, which is called on small stacks.
//
//go:noinline
func appendRare(out []byte, u *turn.Update) []byte {
	switch {
	case u.End != nil:
		return appendEvent(out, terminal(u.End.Answer.State), u.Position, endOut(u.End))
	case u.Notice != nil:
		return appendEvent(out, wire.EventNotice, -1, wire.Notice{Code: u.Notice.Code, Text: u.Notice.Text})
	default:
		return appendEvent(out, wire.EventSnapshot, u.Position, wire.Snapshot{Parts: partsOut(turn.Parts(u.Text, u.Runs))})
	}
}

// appendRuns appends one delta for each run.
func (t *teller) appendRuns(out []byte, u *turn.Update) []byte {
	from := u.Position - int64(len(u.Text)) // the position at which Text begins
	at := from
	for i := range u.Runs {
		run := &u.Runs[i]
		text := u.Text[at-from : run.End-from]
		at = run.End
		kind, ok := partTypes[run.Kind]
		if !ok {
			continue // sealed bytes are between us and the provider
		}
		out = t.appendDelta(out, run, kind, wholeRunes(text))
	}
	return out
}

// partTypes are the runs that clients are told of.
var partTypes = map[turn.RunKind]string{
	turn.RunText:      wire.PartText,
	turn.RunReasoning: wire.PartReasoning,
	turn.RunToolCall:  wire.PartToolCall,
}

// appendDelta writes by hand what wire.Delta's tags say.
func (t *teller) appendDelta(out []byte, run *turn.Run, kind string, text []byte) []byte {
	out = append(out, "id: "...)
	out = strconv.AppendInt(out, run.End, 10)
	out = append(out, "\nevent: "+wire.EventDelta+"\ndata: {\"part\":"...)
	out = strconv.AppendInt(out, int64(run.Part), 10)
	out = append(out, `,"type":"`...)
	out = append(out, kind...)
	out = append(out, `","text":`...)
	out = appendJSONString(out, text)
	if run.Kind == turn.RunToolCall && t.told != run.Part {
		t.told = run.Part
		out = appendTool(out, run.Meta)
	}
	return append(out, "}\n\n"...)
}

func appendTool(out []byte, meta string) []byte {
	var tool struct {
		CallID string `json:"id"`
		Name   string `json:"name"`
	}
	if json.Unmarshal([]byte(meta), &tool) != nil {
		return out
	}
	if tool.Name != "" {
		out = append(out, `,"name":`...)
		out = appendJSONString(out, []byte(tool.Name))
	}
	if tool.CallID != "" {
		out = append(out, `,"call_id":`...)
		out = appendJSONString(out, []byte(tool.CallID))
	}
	return out
}

// wholeRunes drops the rest of a character at the beginning: text is cut there
// only for a client that names a position it was never given.
func wholeRunes(text []byte) []byte {
	for i := 0; i < utf8.UTFMax-1 && len(text) > 0 && !utf8.RuneStart(text[0]); i++ {
		text = text[1:]
	}
	return text
}

// terminal names the last event of a turn that ended so.
func terminal(state conversation.State) string {
	switch state {
	case conversation.Complete:
		return wire.EventCompleted
	case conversation.Cancelled:
		return wire.EventCancelled
	case conversation.Interrupted:
		return wire.EventInterrupted
	}
	return wire.EventFailed
}
