package tuitest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// Fake is a Backend in memory. Turns say what they are told to by Say and End.
// Its zero value is not ready: see NewFake. It is safe for concurrent use.
type Fake struct {
	mu            sync.Mutex
	now           time.Time
	rev           int64
	conversations map[string]*wire.Conversation
	deleted       map[string]*wire.Conversation
	messages      map[string][]wire.Message // by conversation, in the order made
	turns         map[string]*Turn
	watchers      []chan tui.Change
	lost          error // what Lose said last

	// Catalogue is what Models answers.
	Catalogue wire.ModelList
	// Allowance is what Limits answers; see SetAllowance.
	Allowance wire.Limits
	// Used is what Usage answers, by what it is asked by; Advised what Advice does.
	Used    map[string]wire.UsageSummary
	Advised wire.AdviceReport
	// Server is what About answers.
	Server tui.Server
	// PageSize is how many messages a page has.
	PageSize int
	// Refuse makes the next Ask fail.
	Refuse error
	// Auto answers every question by itself.
	Auto func(question string) string
	// Hang makes every method wait until its context ends.
	Hang bool
	// Down is why no method but Watch gets through; nil: they do. See SetDown.
	Down error
	// Begun gets every turn that begins, if it is not nil.
	Begun chan *Turn
}

var _ tui.Backend = (*Fake)(nil)

// NewFake is an empty Backend with the demo model.
func NewFake() *Fake {
	return &Fake{
		now:           time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		conversations: map[string]*wire.Conversation{}, deleted: map[string]*wire.Conversation{},
		messages: map[string][]wire.Message{}, turns: map[string]*Turn{}, PageSize: 60,
		Server: tui.Server{Name: "local", Local: true, Version: "1.0.0"},
		Catalogue: wire.ModelList{Models: []wire.Model{
			{ID: "demo/demo", Provider: "demo", Name: "demo", Context: 100_000, Price: &wire.Price{}, Usable: true, Default: true},
		}},
	}
}

func (f *Fake) touch(c *wire.Conversation) {
	f.rev++
	f.now = f.now.Add(time.Second)
	c.Rev, c.UpdatedAt = f.rev, f.now
	f.tell()
}

// tell tells the watchers that something has changed, if they can be reached.
func (f *Fake) tell() {
	if f.lost != nil {
		return
	}
	for _, w := range f.watchers {
		select {
		case w <- tui.Change{Rev: f.rev}:
		default: // it has one to look at already
		}
	}
}

// SetDown sets Down while the Fake is in use.
func (f *Fake) SetDown(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Down = err
}

// Lose tells all watchers that the connection is lost, or with nil that it is
// there again.
func (f *Fake) Lose(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost = err
	for _, w := range f.watchers {
		w <- tui.Change{Lost: err}
	}
}

// Add stores a conversation of questions and answers in turn.
func (f *Fake) Add(id, title string, texts ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &wire.Conversation{ID: id, Title: title, Origin: wire.OriginChat, Listed: true, Model: "demo/demo"}
	f.conversations[id] = c
	for i, text := range texts {
		role := []string{wire.RoleUser, wire.RoleAssistant}[i%2]
		f.AddMessage(wire.Message{
			ID: id + "-" + strconv.Itoa(i), Conversation: id, Role: role, Parent: c.Leaf, State: wire.StateComplete,
			Parts: []wire.Part{{Type: wire.PartText, Text: text}},
		})
	}
	f.touch(c)
}

// AddMessage stores a message as the leaf. It is for before the Fake is in use: it
// does not lock it.
func (f *Fake) AddMessage(msg wire.Message) {
	f.rev++
	msg.Rev = f.rev
	if msg.Role == wire.RoleAssistant && msg.Model == "" {
		msg.Model = "demo/demo"
	}
	f.messages[msg.Conversation] = append(f.messages[msg.Conversation], msg)
	f.conversations[msg.Conversation].Leaf = msg.ID
}

func (f *Fake) hang(ctx context.Context) error {
	f.mu.Lock()
	hang, down := f.Hang, f.Down
	f.mu.Unlock()
	if !hang {
		return down
	}
	<-ctx.Done()
	return ctx.Err()
}

func notFound(id string) error {
	return &tui.Failure{Code: wire.NotFound, Text: fmt.Sprintf("There is no conversation %q.", id)}
}
