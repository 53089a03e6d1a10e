package tui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
)

// send asks what was typed. What was typed leaves the composer only when it is on
// its way, and comes back where the server refuses it.
func (a *App) send(text string) tea.Cmd {
	switch {
	case strings.TrimSpace(text) == "":
		return nil
	case a.running():
		return a.say(toastWarn, "An answer is being written here; your text stays. esc stops it, or wait for its end.")
	case a.conv.loading:
		return a.say(toastInfo, "This chat is still being loaded; your text stays.")
	case a.conv.failed != "":
		return a.say(toastWarn, "This chat could not be loaded; your text stays. ctrl+n begins a new one.")
	}
	if a.conv.gone {
		return a.say(toastWarn, "This chat was deleted elsewhere; your text stays. "+undoHint+".")
	}
	parent := a.parent()
	q := wire.Message{ID: a.NewID(), Role: wire.RoleUser, Parent: parent,
		State: wire.StateComplete, Parts: []wire.Part{{Type: wire.PartText, Text: text}}}
	n := a.newTurn(parent)
	n.Question = &wire.Question{ID: q.ID, Parts: q.Parts}
	t := &turn{id: n.ID, question: q.ID, text: text, editing: a.editing}
	a.composer.Remember(text)
	a.composer.Clear()
	a.editing = nil
	a.chat.Begin(parent, &q, a.answerTo(q.ID, n.ID))
	return a.begin(t, n)
}

// newTurn is a turn after a message.
func (a *App) newTurn(parent string) wire.NewTurn {
	n := wire.NewTurn{ID: a.NewID(), Parent: parent, Model: a.model()}
	if !a.conv.exists {
		n.Create = &wire.NewConversation{ID: a.conv.head.ID, Model: n.Model}
	}
	return n
}

func (a *App) answerTo(question, id string) wire.Message {
	return wire.Message{ID: id, Role: wire.RoleAssistant, Parent: question, Model: a.model()}
}

func (a *App) begin(t *turn, n wire.NewTurn) tea.Cmd {
	a.toast.text, a.allowance.banner = "", ""
	a.setFocus(onComposer)
	t.gen = a.gen
	a.turn = t
	id := a.conv.head.ID
	return a.stream(t, func(ctx context.Context) (Stream, error) { return a.Backend.Ask(ctx, id, n) })
}

// attach follows the answer that is being written in the conversation shown.
func (a *App) attach() tea.Cmd {
	id := a.conv.head.Running
	if id == "" || a.turn != nil {
		return nil
	}
	a.turn = &turn{id: id, gen: a.gen, accepted: true}
	a.chat.Attach(wire.Message{ID: id, Role: wire.RoleAssistant})
	return a.restart(a.turn)
}

// restart follows a turn from its beginning.
func (a *App) restart(t *turn) tea.Cmd {
	if t.pump != nil {
		t.pump.stop()
	}
	again := *t
	again.lost = false
	a.turn = &again
	return a.stream(&again, func(ctx context.Context) (Stream, error) { return a.Backend.Attach(ctx, t.id) })
}

// streamed is what gathered of an answer.
func (a *App) streamed(msg streamMsg) tea.Cmd {
	t := a.turn
	if t == nil || t.pump != msg.from || msg.gen != a.gen {
		return nil
	}
	var cmds []tea.Cmd
	for _, ev := range msg.events {
		cmds = append(cmds, a.event(t, ev))
	}
	switch {
	case a.turn != t: // it has ended
	case msg.done:
		cmds = append(cmds, a.broken(t, msg.err))
	default:
		cmds = append(cmds, a.pull(t))
	}
	return tea.Batch(cmds...)
}

func (a *App) event(t *turn, ev Event) tea.Cmd {
	if ev.Connection == nil {
		t.accepted, t.lost = true, false
		a.begun()
	}
	switch {
	case ev.Delta != nil:
		a.chat.Delta(t.id, *ev.Delta)
	case ev.Snapshot != nil:
		a.chat.Snapshot(t.id, *ev.Snapshot)
	case ev.Notice != nil:
		switch ev.Notice.Code {
		case wire.NoticeTrimmed:
			return a.say(toastWarn, ev.Notice.Text)
		case wire.NoticeQuota:
			a.allowance.warn(ev.Notice.Text)
		default:
			a.chat.Notice(t.id, ev.Notice.Text)
		}
	case ev.Connection != nil:
		t.lost = ev.Connection.Lost
	case ev.End != nil:
		return a.ended(t, ev.End)
	}
	return nil
}

// begun notes that the conversation shown exists now; the list may have told more
// of it already.
func (a *App) begun() {
	if a.conv.exists {
		return
	}
	a.conv.exists = true
	a.sidebar.SetOpen(a.conv.head.ID)
	if head := a.sidebar.Find(a.conv.head.ID); head != nil {
		a.conv.head = *head
		a.conv.head.Rev = 0 // looked at again when the answer has ended
	}
}

func (a *App) ended(t *turn, end *wire.End) tea.Cmd {
	a.chat.End(t.id, end.Message)
	a.turn = nil
	a.lastEnded = t.id
	a.conv.head.Running = ""
	a.conv.head.Leaf = t.id
	if end.Title != "" {
		a.conv.head.Title = end.Title
	}
	return tea.Batch(a.loadList(""), a.loadLimits())
}

// broken is a stream that ended without the turn's end. A question that was never
// accepted is taken back; an answer is followed again when there is a connection.
func (a *App) broken(t *turn, err error) tea.Cmd {
	a.turn = nil
	if err == nil {
		return a.loadMessages(true)
	}
	f := asFailure(err)
	if t.accepted {
		a.chat.End(t.id, wire.Message{State: wire.StateInterrupted, Rev: chat.UnsureRev})
		return a.say(toastBad, "The answer cannot be followed any more: "+chat.Explain(f.Code, f.Text)+" It goes on at the server; open the chat again to see it.")
	}
	a.chat.Withdraw(t.id, t.question)
	a.giveBack(t)
	said := tea.Batch(a.say(toastBad, chat.Explain(f.Code, f.Text)+a.whenAgain(f)+" Your text is back."), a.loadLimits())
	if f.Code == wire.TurnRunning {
		a.conv.head.Running = f.Subject
		return tea.Batch(a.loadMessages(true), a.attach(), said)
	}
	if t.editing != nil || t.text == "" { // another branch was shown before
		return tea.Batch(a.loadMessages(true), said)
	}
	return said
}

// giveBack puts what was typed back, before what was typed since.
func (a *App) giveBack(t *turn) {
	if t.text == "" {
		return
	}
	text := t.text
	if !a.composer.Blank() {
		text += "\n" + a.composer.Value()
	}
	a.composer.SetValue(text)
	a.editing = t.editing
}

// stop cancels the answer that is being written.
func (a *App) stop() tea.Cmd {
	if a.turn.stopping {
		return nil
	}
	a.turn.stopping = true
	return a.cancelTurn(a.turn.id)
}

func (a *App) cancelled(msg cancelledMsg) tea.Cmd {
	if msg.err == nil || a.turn == nil || a.turn.id != msg.turn {
		return nil
	}
	a.turn.stopping = false
	return a.sayFailure("It could not be stopped", msg.err)
}

// regenerate asks for another answer to the question of the selected answer, or
// of the last one.
func (a *App) regenerate() tea.Cmd {
	question := a.questionOf(a.chat.Selected())
	switch {
	case a.running():
		return a.say(toastWarn, "An answer is being written here. esc stops it.")
	case question == "" || a.conv.loading:
		return a.say(toastInfo, "There is nothing to ask again yet.")
	}
	a.remember()
	n := a.newTurn(question)
	a.chat.Begin(question, nil, a.answerTo(question, n.ID))
	return a.begin(&turn{id: n.ID}, n)
}

func (a *App) questionOf(msg *wire.Message) string {
	switch {
	case msg == nil:
		return ""
	case msg.Role == wire.RoleUser:
		return msg.ID
	}
	return msg.Parent
}

// editQuestion puts the selected question, or the last one, into the composer; to
// send it begins a branch beside the old one.
func (a *App) editQuestion() tea.Cmd {
	msg := a.chat.Selected()
	if msg == nil || msg.Role != wire.RoleUser {
		msg = a.chat.Last(wire.RoleUser)
	}
	if msg == nil || a.running() {
		return a.say(toastInfo, "There is no question to edit now.")
	}
	a.remember()
	draft := a.composer.Value()
	if a.editing != nil {
		draft = a.editing.draft
	}
	a.editing = &editing{parent: msg.Parent, draft: draft}
	if msg.Parent == "" {
		a.editing.parent = wire.ParentRoot
	}
	a.composer.SetValue(chat.Text(msg))
	a.setFocus(onComposer)
	return nil
}

// remember notes where the branch shown ends, for each place where it could be
// left.
func (a *App) remember() {
	leaf := a.chat.Leaf()
	for _, id := range a.chat.Path() {
		a.leaves[id] = leaf
	}
}

// alternative shows the branch before or after, at the selected message or the
// last one that has any.
func (a *App) alternative(by int) tea.Cmd {
	msg := a.chat.Branching(a.focus == onTranscript)
	if msg == nil || a.running() {
		return a.say(toastInfo, "There is no other version here.")
	}
	id := chat.Sibling(msg, by)
	if id == "" {
		return a.say(toastInfo, "There is no further version.")
	}
	a.remember()
	if leaf := a.leaves[id]; leaf != "" {
		id = leaf
	}
	return a.change(a.conv.head.ID, wire.ConversationChange{Leaf: &id}, "The other version could not be shown")
}
