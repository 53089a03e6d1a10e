package turn_test

import (
	"bytes"
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// memory keeps one account's turns as the contract says, without a database,
// so that time can be a test's own. What it is not asked for it does not have.
type memory struct {
	conversation.Store

	mu            sync.Mutex
	away          error // returned by every method while set
	conversations map[conversation.ID]conversation.Conversation
	messages      map[conversation.MessageID]conversation.Message
	turns         map[turn.Ref]*turn.Record
	leases        map[turn.Ref]time.Time
	text          map[turn.Ref][]byte
	runs          map[turn.Ref][]turn.Run
	ledger        []usage.Entry
	checkpoints   int

	// slow, if not nil, says how long a method takes that is about to begin.
	slow func(method string) time.Duration
	// failBegin is returned by Begin, begun what it was given, and warnings by
	// Finish.
	failBegin error
	little    bool // is left: no hold stands that was made without looking
	begun     []turn.BeginParams
	warnings  []quota.Warning
	// poison is a turn that cannot be ended.
	poison turn.ID
}

// take lets a method take its time.
func (m *memory) take(ctx context.Context, method string) error {
	m.mu.Lock()
	var d time.Duration
	if m.slow != nil {
		d = m.slow(method)
	}
	m.mu.Unlock()
	if d == 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *memory) hinder(slow func(method string) time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow = slow
}

var (
	_ turn.Store  = (*memory)(nil)
	_ usage.Store = (*memory)(nil)
)

func newMemory() *memory {
	return &memory{
		conversations: map[conversation.ID]conversation.Conversation{},
		messages:      map[conversation.MessageID]conversation.Message{},
		turns:         map[turn.Ref]*turn.Record{},
		leases:        map[turn.Ref]time.Time{},
		text:          map[turn.Ref][]byte{},
		runs:          map[turn.Ref][]turn.Run{},
	}
}

func (m *memory) fail(err error) { m.mu.Lock(); defer m.mu.Unlock(); m.away = err }

func (m *memory) entries() []usage.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]usage.Entry(nil), m.ledger...)
}

func (m *memory) Begin(ctx context.Context, p turn.BeginParams) (turn.Record, bool, error) {
	if err := m.take(ctx, "Begin"); err != nil {
		return turn.Record{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil || m.failBegin != nil {
		return turn.Record{}, false, cmp.Or(m.away, m.failBegin)
	}
	if m.little && p.Hold != nil && p.Hold.Unseen {
		return turn.Record{}, false, quota.ErrUnseen
	}
	m.begun = append(m.begun, p)
	if old := m.turns[p.Record.Ref]; old != nil {
		if !bytes.Equal(old.Digest, p.Record.Digest) {
			return turn.Record{}, false, fault.New(fault.IDConflict, "")
		}
		return *old, false, nil
	}
	for _, other := range m.turns {
		if other.Conversation == p.Record.Conversation && other.State == turn.Running {
			return turn.Record{}, false, &fault.Error{Kind: fault.TurnRunning, Subject: string(other.ID)}
		}
	}
	c, old := m.conversations[p.Record.Conversation]
	if p.Create != nil && !old {
		c = *p.Create
	}
	if p.Unseen && old || p.Leaf != nil && *p.Leaf != c.Leaf {
		return turn.Record{}, false, turn.ErrMoved
	}
	if p.Ask != nil {
		m.messages[p.Ask.ID] = *p.Ask
	}
	c.Leaf, c.Model, c.Running = p.Record.Question, p.Record.Model, p.Record.ID
	m.conversations[c.ID] = c
	rec := p.Record
	rec.State, rec.Epoch, rec.StartedAt = turn.Running, 1, p.Now
	m.turns[rec.Ref], m.leases[rec.Ref] = &rec, time.Now().Add(p.Lease)
	return rec, true, nil
}

func (m *memory) Finish(ctx context.Context, p turn.FinishParams) (bool, []quota.Warning, error) {
	if err := m.take(ctx, "Finish"); err != nil {
		return false, nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil {
		return false, nil, m.away
	}
	if p.Ref.ID == m.poison {
		return false, nil, fault.New(fault.Internal, "")
	}
	rec := m.turns[p.Ref]
	if rec == nil || rec.Epoch != p.Epoch || rec.State != turn.Running {
		return false, nil, nil
	}
	rec.State = p.State
	m.messages[p.Answer.ID] = p.Answer
	c := m.conversations[rec.Conversation]
	if c.Leaf == rec.Question {
		c.Leaf = p.Answer.ID
	}
	c.Running = ""
	m.conversations[c.ID] = c
	m.ledger = append(m.ledger, p.Entries...)
	delete(m.text, p.Ref)
	delete(m.runs, p.Ref)
	return true, m.warnings, nil
}

func (m *memory) Checkpoint(ctx context.Context, owner string, lease time.Duration, running []turn.Ref, chunks []turn.Chunk) (lost, asked []turn.Ref, err error) {
	if err := m.take(ctx, "Checkpoint"); err != nil {
		return nil, nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil {
		return nil, nil, m.away
	}
	m.checkpoints++
	for _, c := range chunks {
		rec := m.turns[c.Ref]
		if rec == nil {
			continue // lost below
		}
		if rec.Epoch == c.Epoch && rec.State == turn.Running {
			rec.Model = cmp.Or(c.Model, rec.Model)
			m.text[c.Ref] = append(m.text[c.Ref], c.Text...)
			m.runs[c.Ref] = append(m.runs[c.Ref], c.Runs...)
			rec.Position = int64(len(m.text[c.Ref]))
		} else if rec.Owner == owner {
			lost = append(lost, c.Ref)
		}
	}
	for _, ref := range running {
		rec := m.turns[ref]
		switch {
		case rec == nil || rec.Owner != owner || rec.State != turn.Running:
			lost = append(lost, ref)
		case rec.CancelAsked:
			asked = append(asked, ref)
		}
		m.leases[ref] = time.Now().Add(lease)
	}
	return lost, asked, nil
}

func (m *memory) Get(_ context.Context, ref turn.Ref) (turn.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if rec := m.turns[ref]; rec != nil {
		return *rec, nil
	}
	return turn.Record{}, fault.New(fault.NotFound, "")
}

func (m *memory) Chunks(_ context.Context, ref turn.Ref, from int64) ([]byte, []turn.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, runs := turn.Slice(m.text[ref], m.runs[ref], 0, from, nil)
	return text, runs, m.away
}

func (m *memory) AskCancel(_ context.Context, ref turn.Ref) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if rec := m.turns[ref]; rec != nil {
		rec.CancelAsked = true
		return nil
	}
	return fault.New(fault.NotFound, "")
}

func (m *memory) Claim(_ context.Context, owner string, lease time.Duration, all bool, _ int) ([]turn.Orphan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil {
		return nil, m.away
	}
	var orphans []turn.Orphan
	for ref, rec := range m.turns {
		if rec.State == turn.Running && (all && rec.Owner != owner || time.Now().After(m.leases[ref])) {
			rec.Owner, m.leases[ref] = owner, time.Now().Add(lease)
			rec.Epoch++
			orphans = append(orphans, turn.Orphan{Record: *rec, Text: m.text[ref], Runs: m.runs[ref]})
		}
	}
	return orphans, nil
}

func (m *memory) Append(_ context.Context, entries []usage.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ledger = append(m.ledger, entries...)
	return m.away
}

func (m *memory) Entries(context.Context, identity.AccountID, time.Time, int) ([]usage.Entry, error) {
	return m.entries(), nil
}

func (m *memory) conversation(ctx context.Context, id conversation.ID) (conversation.Conversation, error) {
	if err := m.take(ctx, "Get"); err != nil {
		return conversation.Conversation{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.conversations[id]
	if !ok {
		return c, fault.New(fault.NotFound, "")
	}
	return c, m.away
}

// chats is the memory's other face: the two stores share a method's name.
type chats struct{ *memory }

func (c chats) Get(ctx context.Context, _ identity.AccountID, id conversation.ID) (conversation.Conversation, error) {
	return c.conversation(ctx, id)
}

func (c chats) Message(_ context.Context, _ identity.AccountID, id conversation.MessageID) (conversation.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.messages[id]
	if !ok {
		return m, fault.New(fault.NotFound, "")
	}
	return m, nil
}

func (c chats) Branch(ctx context.Context, _ identity.AccountID, _ conversation.ID, leaf, _ conversation.MessageID, _ int) ([]conversation.Message, error) {
	if err := c.take(ctx, "Branch"); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var branch []conversation.Message
	for id := leaf; id != ""; {
		m, ok := c.messages[id]
		if !ok {
			return nil, fault.New(fault.NotFound, "")
		}
		branch = append([]conversation.Message{m}, branch...)
		id = m.Parent
	}
	return branch, nil
}

func (c chats) SetTitle(_ context.Context, _ identity.AccountID, id conversation.ID, title string, _ time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	conv := c.conversations[id]
	conv.Title = title
	c.conversations[id] = conv
	return nil
}
