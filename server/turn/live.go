package turn

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
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
	model   string // that answers, where it is another than was asked
	kept    string // what the store knows of model
	log     Log
	stored  int64 // how far the log is in the store
	notices []Notice
	end     *End
	settled bool // nothing of it remains to be stored
	feeds   []*liveFeed
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
		l.log.Append(RunOpaque, ev.Part, l.provider(), hex.EncodeToString(ev.Opaque))
	}
	l.mu.Unlock()
}

// Flush implements generate.Sink: whoever follows the turn looks again.
func (l *live) Flush() { l.tell(func() {}) }

// Retrying tells whoever follows that a provider is called again; that another key
// is tried at once is nobody's business.
func (l *live) Retrying(next generate.Next) {
	switch {
	case next.Elsewhere:
		l.goElsewhere(next.Route.Model.ID(), next.Why)
	case next.Wait >= time.Second:
		l.notice(Notice{Code: "retrying", Text: "The provider did not answer; trying again in " + next.Wait.Round(time.Second).String() + "."})
	case next.Wait > 0:
		l.notice(Notice{Code: "retrying", Text: "The provider did not answer; trying again."})
	}
}

// goElsewhere notes, and tells, that another model answers.
func (l *live) goElsewhere(model string, why error) {
	l.mu.Lock()
	given := cmp.Or(l.model, l.status.Model)
	l.model = model
	l.mu.Unlock()
	l.notice(Notice{Code: "fallback", Text: given + " does not answer (" + strings.TrimSuffix(fault.Of(why).Public(), ".") + "): asking " + model + " in its place."})
}

// answering is the model whose answer it is.
func (l *live) answering() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return cmp.Or(l.model, l.status.Model)
}

// provider is the id of the provider that answers; mu is held.
func (l *live) provider() string {
	id, _, _ := provider.SplitID(cmp.Or(l.model, l.status.Model))
	return id
}

func (l *live) notice(n Notice) {
	l.tell(func() { l.notices = append(l.notices, n) })
}

// warn tells of limits that are nearly reached, or are.
func (l *live) warn(warnings []quota.Warning) {
	for _, w := range warnings {
		l.notice(Notice{Code: "quota", Text: w.Text()})
	}
}

// finish tells the end; of several the first is told.
func (l *live) finish(e End) {
	l.tell(func() {
		if l.end == nil {
			l.end = &e
		}
	})
}

// settle notes that the turn's end is in the store, or is not ours to store.
func (l *live) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled = true
}

// replace puts another log in place of what has been told.
func (l *live) replace(parts []conversation.Part) {
	l.tell(func() { l.log = *LogOf(parts) })
}

// tell makes a change, and lets every feed know that there is something to see.
func (l *live) tell(change func()) {
	l.mu.Lock()
	change()
	watch, others := l.nudge()
	l.mu.Unlock()
	if watch != nil {
		watch()
	}
	for _, f := range others {
		f()
	}
}

// nudge nudges the feeds that listen; one that was nudged already will see
// everything when it looks. It returns what to call for the others, of which nearly
// all turns have one at most. mu is held.
func (l *live) nudge() (one func(), more []func()) {
	for _, f := range l.feeds {
		switch {
		case f.watch == nil:
			select {
			case f.nudge <- struct{}{}: // nil, and passed over, before it listens
			default:
			}
		case one == nil:
			one = f.watch
		default:
			more = append(more, f.watch)
		}
	}
	return one, more
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

// unstored is what of the log, and of who answers, is not in the store yet.
func (l *live) unstored() (Chunk, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, runs := l.log.Since(l.stored, nil)
	c := Chunk{Ref: l.ref, Epoch: l.epoch, From: l.stored, Text: text, Runs: runs}
	if l.model != l.kept {
		c.Model = l.model
	}
	return c, len(text) > 0 || c.Model != ""
}

// markStored notes that the chunk is in the store.
func (l *live) markStored(c Chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stored = max(l.stored, c.From+int64(len(c.Text)))
	l.kept = cmp.Or(c.Model, l.kept)
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
