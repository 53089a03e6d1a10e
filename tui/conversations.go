package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
	"github.com/aichat-term/aichat/tui/sidebar"
)

// leave puts away what is shown: what was typed is kept, the answer goes on at
// the server.
func (a *App) leave() {
	if a.editing != nil {
		a.composer.SetValue(a.editing.draft)
		a.editing = nil
	}
	a.drafts[a.draftKey()] = a.composer.Value()
	if a.turn != nil {
		a.turn.pump.stop()
		a.turn = nil
	}
	a.gen++
	a.toast.text = ""
}

func (a *App) draftKey() string {
	if a.conv.exists {
		return a.conv.head.ID
	}
	return ""
}

func (a *App) newChat() tea.Cmd {
	a.leave()
	a.conv = conversation{}
	a.conv.head.ID = a.NewID()
	a.chat.Reset(wire.MessagePage{})
	a.sidebar.SetOpen("")
	a.composer.SetValue(a.drafts[""])
	a.closeList()
	return nil
}

// closeList gives the keys to the composer, and on a narrow screen the room to
// the transcript.
func (a *App) closeList() {
	a.setFocus(onComposer)
	if !a.roomForList() {
		a.listShown = false
	}
}

func (a *App) open(id, message string) tea.Cmd {
	if id == a.conv.head.ID && a.conv.exists {
		a.closeList()
		if message != "" {
			a.chat.Show(message)
		}
		return nil
	}
	a.leave()
	a.conv = conversation{exists: true, loading: true, show: message}
	a.conv.head.ID = id
	a.chat.Reset(wire.MessagePage{})
	a.sidebar.SetOpen(id)
	a.composer.SetValue(a.drafts[id])
	a.closeList()
	head := a.sidebar.Find(id)
	if head == nil {
		return a.find(id) // found by a search: it may not be listed
	}
	a.conv.head = *head
	return tea.Batch(a.loadMessages(false), a.attach())
}

// found is the head of a conversation that was asked for by its id.
func (a *App) found(msg foundMsg) tea.Cmd {
	if msg.gen != a.gen {
		return nil
	}
	if msg.err != nil {
		a.conv.loading = false
		a.conv.failed = chat.Explain(asFailure(msg.err).Code, asFailure(msg.err).Text)
		return nil
	}
	a.conv.head, a.conv.exists, a.conv.loading = msg.head, true, true
	a.sidebar.SetOpen(msg.head.ID)
	cmds := []tea.Cmd{a.loadMessages(false), a.attach()}
	if !msg.head.Listed { // it is being opened: from now on it is in the list
		listed := true
		cmds = append(cmds, a.change(msg.head.ID, wire.ConversationChange{Listed: &listed}, "It could not be added to the list"))
	}
	return tea.Batch(cmds...)
}

// loaded is a page of messages.
func (a *App) loaded(msg messagesMsg) tea.Cmd {
	if msg.gen != a.gen {
		return nil
	}
	if msg.err != nil {
		return a.notLoaded(msg)
	}
	switch {
	case msg.before != "":
		a.chat.Prepend(msg.page)
		return nil
	case msg.merge && a.running():
		return nil // what is being written is newer
	case msg.merge:
		a.chat.Merge(msg.page)
		return nil
	}
	a.conv.loading, a.conv.failed = false, ""
	if t := a.turn; t != nil { // attached meanwhile: its answer is after the page
		a.chat.Reset(msg.page)
		a.chat.Attach(wire.Message{ID: t.id, Role: wire.RoleAssistant})
		return a.restart(t)
	}
	a.chat.Reset(msg.page)
	for _, q := range a.chat.Questions() {
		a.composer.Remember(strings.TrimRight(q, "\n"))
	}
	if a.conv.show != "" && !a.chat.Show(a.conv.show) {
		return a.say(toastInfo, "The message found is further up.")
	}
	return nil
}

func (a *App) notLoaded(msg messagesMsg) tea.Cmd {
	f := asFailure(msg.err)
	switch {
	case msg.before != "":
		a.chat.OlderFailed()
		return a.sayFailure("Older messages could not be loaded", msg.err)
	case msg.merge:
		return nil // the next change tries again
	}
	a.conv.loading, a.conv.failed = false, chat.Explain(f.Code, f.Text)
	return nil
}

func (a *App) listed(msg listMsg) tea.Cmd {
	if msg.err != nil {
		f := asFailure(msg.err)
		a.sidebar.Fail("The list could not be loaded. " + chat.Explain(f.Code, f.Text))
		return nil
	}
	if msg.cursor != "" {
		a.sidebar.AddPage(msg.page)
		return nil
	}
	if msg.seq < a.listGot {
		return nil // an older one came later
	}
	a.listGot = msg.seq
	a.sidebar.SetPage(msg.page)
	if !a.conv.exists {
		return nil
	}
	for _, head := range msg.page.Conversations {
		if head.ID == a.conv.head.ID {
			return a.headChanged(head)
		}
	}
	return a.lookAt() // it is further down, not listed, or no longer there
}

// lookedAt is how things stand with a conversation that the list does not tell.
func (a *App) lookedAt(msg headMsg) tea.Cmd {
	switch {
	case msg.gen != a.gen:
		return nil
	case msg.err == nil:
		return a.headChanged(msg.head)
	case asFailure(msg.err).Code != wire.NotFound || a.conv.gone:
		return nil // the next change tries again
	}
	a.conv.gone = true
	a.deleted = a.conv.head.ID
	a.sidebar.Remove(a.conv.head.ID)
	return a.say(toastWarn, "This chat was deleted elsewhere. "+undoHint+", ctrl+n begins a new one.")
}

// headChanged takes over a newer head of the conversation shown: another client
// may have asked, or answered, or renamed.
func (a *App) headChanged(head wire.Conversation) tea.Cmd {
	a.conv.gone = false
	newer := head.Rev > a.conv.head.Rev
	if a.running() || a.conv.loading {
		head.Rev = a.conv.head.Rev // what it tells is looked at when the answer has ended
	}
	if head.Running == a.lastEnded {
		head.Running = ""
	}
	a.conv.head = head
	switch {
	case a.running() || a.conv.loading:
		return nil
	case head.Running != "":
		return tea.Batch(a.loadMessages(false), a.attach())
	case newer || a.chat.Unsure():
		return a.loadMessages(true)
	}
	return nil
}

func (a *App) changed(msg changeMsg) tea.Cmd {
	next := nextChange(a.ctx, msg.more)
	if msg.change.Lost != nil {
		a.lost, a.stands = lostText(msg.change.Lost), false
		return next
	}
	a.stands = true
	if a.lost == "" {
		return tea.Batch(next, a.loadList(""), a.loadLimits())
	}
	a.lost = ""
	return tea.Batch(next, a.reload())
}

// lostText says in a few words that there is no connection, or in the server's
// own that it refuses us.
func lostText(err error) string {
	if f := asFailure(err); f.Code != "" && f.Code != wire.Unavailable {
		return chat.Explain(f.Code, f.Text)
	}
	return "no connection to the server; trying again"
}

// reload fetches what is shown anew, after a time without a connection.
func (a *App) reload() tea.Cmd {
	a.allowance.unmetered = false // it may be another server's now
	cmds := []tea.Cmd{a.loadList(""), a.loadModels(), a.loadAbout(), a.loadLimits()}
	switch {
	case a.conv.failed == "":
	case a.conv.exists:
		a.conv.loading, a.conv.failed = true, ""
		cmds = append(cmds, a.loadMessages(false))
	case a.Chat != "":
		a.conv.loading, a.conv.failed = true, ""
		cmds = append(cmds, a.find(a.Chat))
	}
	return tea.Batch(cmds...)
}

func (a *App) conversationChanged(msg changedMsg) tea.Cmd {
	if msg.err != nil {
		return a.sayFailure(msg.what, msg.err)
	}
	a.sidebar.Update(msg.head)
	if msg.head.ID == a.conv.head.ID && a.conv.exists {
		leaf := a.conv.head.Leaf
		a.conv.head = msg.head
		if msg.head.Leaf != leaf && !a.running() {
			return a.loadMessages(true)
		}
	}
	return nil
}

func (a *App) removed(msg deletedMsg) tea.Cmd {
	switch {
	case msg.err != nil && msg.restored != nil:
		return a.sayFailure("It could not be restored", msg.err)
	case msg.err != nil:
		return a.sayFailure("It could not be deleted", msg.err)
	case msg.restored != nil:
		a.deleted = ""
		a.sidebar.Update(*msg.restored)
		if msg.id == a.conv.head.ID {
			a.conv.gone = false
		}
		return a.say(toastInfo, fmt.Sprintf("%q is back.", sidebar.Title(*msg.restored)))
	}
	title := "The chat"
	if c := a.sidebar.Find(msg.id); c != nil {
		title = fmt.Sprintf("%q", sidebar.Title(*c))
	}
	a.deleted = msg.id
	a.sidebar.Remove(msg.id)
	var cmd tea.Cmd
	if msg.id == a.conv.head.ID {
		list := a.focus == onSidebar
		cmd = a.newChat()
		if list {
			a.listShown = true
			a.setFocus(onSidebar)
		}
	}
	return tea.Batch(cmd, a.say(toastInfo, title+" is deleted. "+undoHint+"."))
}

// undoHint says how a deletion is taken back.
const undoHint = "ctrl+u in the list takes that back"

func (a *App) undoDelete() tea.Cmd {
	if a.deleted == "" {
		return a.say(toastInfo, "There is no deletion to take back.")
	}
	return a.restore(a.deleted)
}

func (a *App) searched(msg hitsMsg) tea.Cmd {
	if !a.sidebar.Wants(msg.seq) {
		return nil
	}
	a.sidebar.SetHits(msg.seq, msg.hits)
	if msg.err != nil {
		return a.sayFailure("The search failed", msg.err)
	}
	return nil
}

func (a *App) gotAbout(msg aboutMsg) {
	if msg.err != nil {
		if a.server == nil && !a.stands {
			a.lost = lostText(msg.err)
		}
		return
	}
	a.server, a.lost = &msg.server, ""
}

func (a *App) expired(msg expiredMsg) {
	if msg.seq == a.toast.seq {
		a.toast.text = ""
	}
}

func (a *App) copied(msg copiedMsg) tea.Cmd {
	switch {
	case msg.err == nil:
		return a.say(toastInfo, msg.what+" is copied.")
	case errors.Is(msg.err, ErrNoClipboard):
		return a.say(toastInfo, msg.what+": sent to the terminal's clipboard, if it takes it (OSC 52).")
	}
	return a.say(toastWarn, msg.what+": sent to the terminal only (OSC 52); "+msg.err.Error())
}

func (a *App) edited(msg editedMsg) tea.Cmd {
	if msg.err != nil {
		return a.sayFailure("The editor failed; what you typed is unchanged", msg.err)
	}
	a.setFocus(onComposer)
	a.composer.SetValue(msg.text)
	return nil
}
