package tuitest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
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
		Catalogue: wire.ModelList{Models: []wire.Model{
			{ID: "demo/demo", Provider: "demo", Name: "demo", Context: 100_000, Price: &wire.Price{}, Usable: true, Default: true},
		}},
	}
}

// Turn is a turn of a Fake.
type Turn struct {
	fake         *Fake
	ID           string
	Conversation string

	mu     sync.Mutex
	events []tui.Event
	more   chan struct{} // closed and replaced when events grows
	answer wire.Message
}

// Say adds a delta to the answer's text.
func (t *Turn) Say(text string) { t.Tell(wire.PartText, 0, text) }

// Tell adds a delta to a part.
func (t *Turn) Tell(kind string, part int, text string) {
	t.mu.Lock()
	for len(t.answer.Parts) <= part {
		t.answer.Parts = append(t.answer.Parts, wire.Part{Type: kind})
	}
	t.answer.Parts[part].Text += text
	t.mu.Unlock()
	t.Event(tui.Event{Name: wire.EventDelta, Delta: &wire.Delta{Part: part, Type: kind, Text: text}})
}

// Event tells any event.
func (t *Turn) Event(ev tui.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, ev)
	close(t.more)
	t.more = make(chan struct{})
}

// End ends the turn. The zero Message is a complete answer.
func (t *Turn) End(msg wire.Message) {
	if msg.State == "" {
		msg.State, msg.Finish = wire.StateComplete, wire.FinishStop
	}
	t.mu.Lock()
	msg.ID, msg.Conversation, msg.Role = t.ID, t.Conversation, wire.RoleAssistant
	msg.Parent, msg.Model, msg.Parts = t.answer.Parent, t.answer.Model, t.answer.Parts
	t.mu.Unlock()
	stored := t.fake.finish(t, msg)
	end := stored
	end.Parts = nil
	name := map[string]string{
		wire.StateComplete: wire.EventCompleted, wire.StateCancelled: wire.EventCancelled,
		wire.StateFailed: wire.EventFailed, wire.StateInterrupted: wire.EventInterrupted,
	}[msg.State]
	t.Event(tui.Event{Name: name, End: &wire.End{Message: end}})
}

// finish stores an answer.
func (f *Fake) finish(t *Turn, msg wire.Message) wire.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[t.Conversation]
	if c == nil { // deleted meanwhile
		return msg
	}
	f.rev++
	msg.Rev = f.rev
	f.messages[c.ID] = append(f.messages[c.ID], msg)
	c.Running, c.Leaf = "", msg.ID
	f.touch(c)
	return f.withSiblings(msg)
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

// AddMessage stores a message as the leaf. Add or the caller holds no lock on it.
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

// Conversations implements tui.Library.
func (f *Fake) Conversations(ctx context.Context, _ string) (wire.ConversationPage, error) {
	if err := f.hang(ctx); err != nil {
		return wire.ConversationPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var page wire.ConversationPage
	for _, c := range f.conversations {
		if c.Listed {
			page.Conversations = append(page.Conversations, *c)
		}
	}
	slices.SortFunc(page.Conversations, func(a, b wire.Conversation) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	return page, nil
}

// Conversation implements tui.Library.
func (f *Fake) Conversation(ctx context.Context, id string) (wire.Conversation, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Conversation{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conversations {
		if strings.HasPrefix(c.ID, id) {
			return *c, nil
		}
	}
	return wire.Conversation{}, notFound(id)
}

// Messages implements tui.Library.
func (f *Fake) Messages(ctx context.Context, id, before string) (wire.MessagePage, error) {
	if err := f.hang(ctx); err != nil {
		return wire.MessagePage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[id]
	if c == nil {
		return wire.MessagePage{}, notFound(id)
	}
	branch := f.branch(c)
	if before != "" {
		branch = branch[:slices.IndexFunc(branch, func(m wire.Message) bool { return m.ID == before })]
	}
	page := wire.MessagePage{Messages: branch}
	if n := len(branch) - f.PageSize; n > 0 {
		page.Messages = branch[n:]
		page.Before = page.Messages[0].ID
	}
	return page, nil
}

func (f *Fake) branch(c *wire.Conversation) []wire.Message {
	byID := map[string]wire.Message{}
	for _, m := range f.messages[c.ID] {
		byID[m.ID] = m
	}
	var branch []wire.Message
	for id := c.Leaf; id != ""; id = byID[id].Parent {
		branch = append(branch, f.withSiblings(byID[id]))
	}
	slices.Reverse(branch)
	return branch
}

func (f *Fake) withSiblings(msg wire.Message) wire.Message {
	if len(f.messages[msg.Conversation]) > 500 {
		return msg // a long conversation in a benchmark has none
	}
	msg.Siblings = nil
	for _, m := range f.messages[msg.Conversation] {
		if m.Parent == msg.Parent {
			msg.Siblings = append(msg.Siblings, m.ID)
		}
	}
	if len(msg.Siblings) < 2 {
		msg.Siblings = nil
	}
	return msg
}

// Search implements tui.Library.
func (f *Fake) Search(ctx context.Context, query string) (wire.SearchPage, error) {
	if err := f.hang(ctx); err != nil {
		return wire.SearchPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var page wire.SearchPage
	for id, c := range f.conversations {
		for _, m := range f.messages[id] {
			text := m.Parts[0].Text
			if at := strings.Index(strings.ToLower(text), strings.ToLower(query)); at >= 0 {
				page.Hits = append(page.Hits, wire.Hit{Conversation: id, Title: c.Title, Message: m.ID, Role: m.Role,
					Snippet: text, Marks: [][2]int{{at, at + len(query)}}})
			}
		}
	}
	slices.SortFunc(page.Hits, func(a, b wire.Hit) int { return strings.Compare(a.Message, b.Message) })
	return page, nil
}

// Change implements tui.Library.
func (f *Fake) Change(ctx context.Context, id string, change wire.ConversationChange) (wire.Conversation, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Conversation{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[id]
	if c == nil {
		return wire.Conversation{}, notFound(id)
	}
	set(&c.Title, change.Title)
	set(&c.Model, change.Model)
	if change.Leaf != nil {
		c.Leaf = f.newestBelow(id, *change.Leaf)
	}
	set(&c.Listed, change.Listed)
	f.touch(c)
	return *c, nil
}

// newestBelow is the end of the newest branch through a message: messages are
// kept oldest first.
func (f *Fake) newestBelow(conversation, from string) string {
	below, ended := map[string]bool{from: true}, map[string]bool{}
	leaf := from
	for _, m := range f.messages[conversation] {
		if below[m.Parent] {
			below[m.ID], ended[m.Parent] = true, true
		}
	}
	for _, m := range f.messages[conversation] {
		if below[m.ID] && !ended[m.ID] {
			leaf = m.ID
		}
	}
	return leaf
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Delete implements tui.Library.
func (f *Fake) Delete(ctx context.Context, id string) error {
	if err := f.hang(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.conversations[id]
	if c == nil {
		return notFound(id)
	}
	f.deleted[id] = c
	delete(f.conversations, id)
	f.tell()
	return nil
}

// Restore implements tui.Library.
func (f *Fake) Restore(ctx context.Context, id string) (wire.Conversation, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Conversation{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.deleted[id]
	if c == nil {
		return wire.Conversation{}, notFound(id)
	}
	f.conversations[id] = c
	delete(f.deleted, id)
	f.touch(c)
	return *c, nil
}

// Watch implements tui.Library.
func (f *Fake) Watch(ctx context.Context, told func(tui.Change)) error {
	w := make(chan tui.Change, 16)
	f.mu.Lock()
	f.watchers = append(f.watchers, w)
	now := tui.Change{Lost: f.lost}
	f.mu.Unlock()
	told(now)
	for {
		select {
		case c := <-w:
			told(c)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Models implements tui.Turns.
func (f *Fake) Models(ctx context.Context) (wire.ModelList, error) {
	if err := f.hang(ctx); err != nil {
		return wire.ModelList{}, err
	}
	return f.Catalogue, nil
}

// Limits implements tui.Accounts.
func (f *Fake) Limits(ctx context.Context) (wire.Limits, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Limits{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.Allowance
	l.Limits = slices.Clone(l.Limits)
	return l, nil
}

// Usage implements tui.Accounts.
func (f *Fake) Usage(ctx context.Context, by, zone string) (wire.UsageSummary, error) {
	if err := f.hang(ctx); err != nil {
		return wire.UsageSummary{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.Used[by]
	s.By = by
	if s.TimeZone == "" {
		s.TimeZone = zone
	}
	return s, nil
}

// Advice implements tui.Accounts.
func (f *Fake) Advice(ctx context.Context, _ string) (wire.AdviceReport, error) {
	if err := f.hang(ctx); err != nil {
		return wire.AdviceReport{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Advised, nil
}

// Rate implements tui.Accounts.
func (f *Fake) Rate(ctx context.Context, message string, r wire.NewRating) (wire.Rating, error) {
	if err := f.hang(ctx); err != nil {
		return wire.Rating{}, err
	}
	rating := wire.Rating{Value: r.Value, Reason: r.Reason}
	return rating, f.setRating(message, &rating)
}

// Unrate implements tui.Accounts.
func (f *Fake) Unrate(ctx context.Context, message string) error {
	if err := f.hang(ctx); err != nil {
		return err
	}
	return f.setRating(message, nil)
}

func (f *Fake) setRating(id string, r *wire.Rating) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, all := range f.messages {
		for i := range all {
			if all[i].ID == id {
				all[i].Rating = r
				return nil
			}
		}
	}
	return &tui.Failure{Code: wire.NotFound, Text: "There is no such message."}
}

// SetAllowance sets Allowance while the Fake is in use, and tells that something
// has changed.
func (f *Fake) SetAllowance(l wire.Limits) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Allowance = l
	f.tell()
}

// About implements tui.Turns.
func (f *Fake) About(ctx context.Context) (tui.Server, error) {
	if err := f.hang(ctx); err != nil {
		return tui.Server{}, err
	}
	return tui.Server{Name: "local", Local: true, Version: "1.0.0"}, nil
}

// Ask implements tui.Turns.
func (f *Fake) Ask(ctx context.Context, id string, n wire.NewTurn) (tui.Stream, error) {
	if err := f.hang(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	if err := f.Refuse; err != nil {
		f.Refuse = nil
		f.mu.Unlock()
		return nil, err
	}
	if t := f.turns[n.ID]; t != nil {
		f.mu.Unlock()
		return t.stream(), nil
	}
	c := f.conversations[id]
	if c == nil && n.Create != nil {
		c = &wire.Conversation{ID: id, Origin: wire.OriginChat, Listed: true, Model: n.Model}
		f.conversations[id] = c
	}
	if c == nil {
		f.mu.Unlock()
		return nil, notFound(id)
	}
	if c.Running != "" {
		f.mu.Unlock()
		return nil, &tui.Failure{Code: wire.TurnRunning, Text: "Another answer is being written.", Subject: c.Running}
	}
	t := f.startTurn(c, n)
	auto, begun := f.Auto, f.Begun
	f.mu.Unlock()
	if begun != nil {
		begun <- t
	}
	if auto != nil {
		asked := "the same again"
		if n.Question != nil {
			asked = n.Question.Parts[0].Text
		}
		t.Say(auto(asked))
		t.End(wire.Message{})
	}
	return t.stream(), nil
}

func (f *Fake) startTurn(c *wire.Conversation, n wire.NewTurn) *Turn {
	parent := n.Parent
	if parent == "" {
		parent = c.Leaf
	}
	if parent == wire.ParentRoot {
		parent = ""
	}
	if q := n.Question; q != nil {
		if c.Title == "" {
			c.Title, _, _ = strings.Cut(q.Parts[0].Text, "\n")
		}
		f.AddMessage(wire.Message{ID: q.ID, Conversation: c.ID, Parent: parent, Role: wire.RoleUser,
			State: wire.StateComplete, Parts: q.Parts})
		parent = q.ID
	}
	t := &Turn{fake: f, ID: n.ID, Conversation: c.ID, more: make(chan struct{}),
		answer: wire.Message{Parent: parent, Model: c.Model}}
	t.events = []tui.Event{{Name: wire.EventTurn}}
	f.turns[n.ID] = t
	c.Running = n.ID
	f.touch(c)
	return t
}

// Attach implements tui.Turns.
func (f *Fake) Attach(ctx context.Context, turn string) (tui.Stream, error) {
	if err := f.hang(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.turns[turn]
	if t == nil {
		return nil, &tui.Failure{Code: wire.NotFound, Text: "There is no such turn."}
	}
	return t.stream(), nil
}

// Cancel implements tui.Turns.
func (f *Fake) Cancel(ctx context.Context, turn string) error {
	if err := f.hang(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	t := f.turns[turn]
	var running bool
	if t != nil && f.conversations[t.Conversation] != nil {
		running = f.conversations[t.Conversation].Running == turn
	}
	f.mu.Unlock()
	if running {
		t.End(wire.Message{State: wire.StateCancelled})
	}
	return nil
}

// stream tells a turn from its beginning.
type stream struct {
	t  *Turn
	at int
}

func (t *Turn) stream() tui.Stream { return &stream{t: t} }

// Next implements tui.Stream.
func (s *stream) Next(ctx context.Context) (tui.Event, error) {
	for {
		s.t.mu.Lock()
		if s.at < len(s.t.events) {
			ev := s.t.events[s.at]
			s.at++
			s.t.mu.Unlock()
			return ev, nil
		}
		if s.at > 0 && s.t.events[s.at-1].End != nil {
			s.t.mu.Unlock()
			return tui.Event{}, io.EOF
		}
		more := s.t.more
		s.t.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return tui.Event{}, ctx.Err()
		}
	}
}

// Close implements tui.Stream.
func (s *stream) Close() error { return nil }
