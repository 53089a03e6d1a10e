package turn

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
)

// live is a turn in this process's memory: from before it is stored until some
// time after its end.
type live struct {
	ref       Ref
	digest    []byte
	ephemeral bool

	// ready is closed when the turn has begun, or could not: then failed says
	// why. What stands below ready is set before it is closed.
	ready  chan struct{}
	failed error
	status Status // of the beginning
	epoch  int64
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	log     Log
	stored  int64 // how far the log is in the store
	notices []Notice
	end     *End
	settled bool // nothing of it remains to be stored
	feeds   map[*liveFeed]struct{}
}

func newLive(ref Ref, digest []byte, ephemeral bool) *live {
	return &live{ref: ref, digest: digest, ephemeral: ephemeral, ready: make(chan struct{})}
}

// Event takes a piece of the answer; it implements generate.Sink.
func (l *live) Event(ev *provider.Event) {
	l.mu.Lock()
	switch ev.Type {
	case provider.TextDelta:
		l.log.Append(RunText, ev.Part, "", ev.Text)
	case provider.ReasoningDelta:
		l.log.Append(RunReasoning, ev.Part, "", ev.Text)
	case provider.ToolDelta:
		l.log.Append(RunToolCall, ev.Part, toolMeta(ev), ev.Text)
	case provider.PartOpaque:
		l.log.Append(RunOpaque, ev.Part, l.status.provider(), hex.EncodeToString(ev.Opaque))
	}
	l.mu.Unlock()
}

// Flush implements generate.Sink: whoever follows the turn looks again.
func (l *live) Flush() {
	l.mu.Lock()
	l.wake()
	l.mu.Unlock()
}

// Retrying tells whoever follows that the provider is called again.
func (l *live) Retrying(_ int, wait time.Duration, _ error) {
	text := "The provider did not answer; trying again."
	if wait >= time.Second {
		text = "The provider did not answer; trying again in " + wait.Round(time.Second).String() + "."
	}
	l.notice(Notice{Code: "retrying", Text: text})
}

func (l *live) notice(n Notice) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notices = append(l.notices, n)
	l.wake()
}

// warn tells of limits that are nearly reached, or are.
func (l *live) warn(warnings []quota.Warning) {
	for _, w := range warnings {
		l.notice(Notice{Code: "quota", Text: w.Text()})
	}
}

// finish tells the end; of several the first is told.
func (l *live) finish(e End) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end == nil {
		l.end = &e
		l.wake()
	}
}

// settle notes that the turn's end is in the store, or is not ours to store.
func (l *live) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled = true
}

// replace puts another log in place of what has been told.
func (l *live) replace(parts []conversation.Part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = *LogOf(parts)
	l.wake()
}

// wake nudges every feed; mu is held. A feed that was nudged already will see
// everything when it looks.
func (l *live) wake() {
	for f := range l.feeds {
		select {
		case f.nudge <- struct{}{}:
		default:
		}
	}
}

// now is the turn as it stands.
func (l *live) now() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.status
	s.Position = l.log.Len()
	if l.end != nil {
		s.State = State(l.end.Answer.State)
	}
	return s
}

// unstored is what of the log is not in the store yet.
func (l *live) unstored() (Chunk, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, runs := l.log.Since(l.stored, nil)
	return Chunk{Ref: l.ref, Epoch: l.epoch, From: l.stored, Text: text, Runs: runs}, len(text) > 0
}

// markStored notes that the chunk is in the store.
func (l *live) markStored(c Chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stored = max(l.stored, c.From+int64(len(c.Text)))
}

// tool is the meta of a RunToolCall.
type tool struct {
	CallID string `json:"id"`
	Name   string `json:"name"`
}

func toolMeta(ev *provider.Event) string {
	if ev.CallID == "" && ev.Name == "" {
		return ""
	}
	meta, _ := json.Marshal(tool{CallID: ev.CallID, Name: ev.Name}) // two strings: cannot fail
	return string(meta)
}
