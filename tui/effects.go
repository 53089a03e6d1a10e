package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/composer"
	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/sidebar"
)

// This file is the only one that lets anything leave the program: what the parts
// ask for becomes commands here, which run beside the update loop and come back as
// the messages below.

// do turns what a part asks for into a command.
func (a *App) do(ask any) tea.Cmd {
	switch ask := ask.(type) {
	case composer.Send:
		return a.send(ask.Text)
	case sidebar.Open:
		return a.open(ask.ID, ask.Message)
	case sidebar.Rename:
		return a.change(ask.ID, wire.ConversationChange{Title: &ask.Title}, "It could not be renamed")
	case sidebar.Delete:
		return a.delete(ask.ID)
	case sidebar.Undo:
		return a.undoDelete()
	case sidebar.Search:
		return searchSoon(ask.Query, ask.Seq)
	case sidebar.More:
		return a.loadList(ask.Cursor)
	case sidebar.Leave:
		a.setFocus(onComposer)
	case dialog.Chosen:
		return a.chose(ask)
	case dialog.Written:
		a.line = nil
		return a.reasoned(ask.Subject, ask.Text)
	case dialog.Refused:
		return a.say(toastWarn, ask.Why)
	case dialog.OpenPage:
		return a.openPage(ask.URL)
	case dialog.CopyPage:
		return a.copy(ask.URL, "the address")
	case dialog.PrintPage:
		return tea.Exec(&printed{url: ask.URL, code: ask.Code}, func(error) tea.Msg { return nil })
	case dialog.Close:
		a.closeSignIn()
		a.picker, a.pages, a.usage, a.line = nil, nil, nil, nil
	}
	return nil
}

// What effects bring back.
type (
	streamMsg struct {
		from   *pump
		gen    int
		events []Event
		done   bool
		err    error
	}
	listMsg struct {
		seq    int // of the asking
		cursor string
		page   wire.ConversationPage
		err    error
	}
	foundMsg struct {
		gen  int
		head wire.Conversation
		err  error
	}
	headMsg struct {
		gen  int
		head wire.Conversation
		err  error
	}
	messagesMsg struct {
		gen    int
		before string
		merge  bool
		page   wire.MessagePage
		err    error
	}
	hitsMsg struct {
		seq  int
		hits []wire.Hit
		err  error
	}
	modelsMsg struct {
		list wire.ModelList
		err  error
	}
	usageMsg struct {
		sum wire.UsageSummary
		err error
	}
	adviceMsg struct {
		report wire.AdviceReport
		err    error
	}
	ratedMsg struct {
		message string
		rating  *wire.Rating // nil: it was taken back
		err     error
	}
	limitsMsg struct {
		limits wire.Limits
		err    error
	}
	resetMsg struct{ seq int }
	aboutMsg struct {
		server Server
		err    error
	}
	changeMsg struct {
		change Change
		more   <-chan Change
	}
	changedMsg struct {
		what string // why it could not be done, if it could not
		head wire.Conversation
		err  error
	}
	deletedMsg struct {
		id       string
		restored *wire.Conversation
		err      error
	}
	cancelledMsg struct {
		turn string
		err  error
	}
	copiedMsg struct {
		what string
		err  error
	}
	editedMsg struct {
		text string
		err  error
	}
	searchMsg struct {
		query string
		seq   int
	}
	expiredMsg struct{ seq int }
)

// patience is how long an effect that is no stream may take.
const patience = 60 * time.Second

// call runs a request off the update loop.
func (a *App) call(f func(context.Context) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(a.ctx, patience)
		defer cancel()
		return f(ctx)
	}
}

func (a *App) loadModels() tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		list, err := a.Backend.Models(ctx)
		return modelsMsg{list, err}
	})
}

func (a *App) loadAbout() tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		s, err := a.Backend.About(ctx)
		return aboutMsg{s, err}
	})
}

func (a *App) loadLimits() tea.Cmd {
	if !a.allowance.ask() {
		return nil
	}
	return a.call(func(ctx context.Context) tea.Msg {
		l, err := a.Backend.Limits(ctx)
		return limitsMsg{l, err}
	})
}

func (a *App) loadUsage(by string) tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		s, err := a.Backend.Usage(ctx, by, a.TimeZone)
		return usageMsg{s, err}
	})
}

func (a *App) loadAdvice() tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		r, err := a.Backend.Advice(ctx, a.TimeZone)
		return adviceMsg{r, err}
	})
}

func (a *App) sendRating(message string, r wire.NewRating) tea.Cmd {
	a.rating[message] = nil
	return a.call(func(ctx context.Context) tea.Msg {
		rated, err := a.Backend.Rate(ctx, message, r)
		return ratedMsg{message, &rated, err}
	})
}

func (a *App) takeRatingBack(message string) tea.Cmd {
	a.rating[message] = nil
	return a.call(func(ctx context.Context) tea.Msg {
		return ratedMsg{message: message, err: a.Backend.Unrate(ctx, message)}
	})
}

// awaitReset says so when a limit begins anew.
func (a *App) awaitReset(in time.Duration, seq int) tea.Cmd {
	return func() tea.Msg {
		timer := time.NewTimer(in)
		defer timer.Stop()
		select {
		case <-timer.C:
			return resetMsg{seq}
		case <-a.ctx.Done():
			return nil
		}
	}
}

func (a *App) loadList(cursor string) tea.Cmd {
	a.listSeq++
	seq := a.listSeq
	return a.call(func(ctx context.Context) tea.Msg {
		page, err := a.Backend.Conversations(ctx, cursor)
		return listMsg{seq, cursor, page, err}
	})
}

func (a *App) find(id string) tea.Cmd {
	gen := a.gen
	return a.call(func(ctx context.Context) tea.Msg {
		head, err := a.Backend.Conversation(ctx, id)
		return foundMsg{gen, head, err}
	})
}

// lookAt asks how things stand with the conversation shown.
func (a *App) lookAt() tea.Cmd {
	gen, id := a.gen, a.conv.head.ID
	return a.call(func(ctx context.Context) tea.Msg {
		head, err := a.Backend.Conversation(ctx, id)
		return headMsg{gen, head, err}
	})
}

// loadMessages fetches the newest messages of the conversation shown; merge keeps
// what is drawn already.
func (a *App) loadMessages(merge bool) tea.Cmd {
	gen, id := a.gen, a.conv.head.ID
	return a.call(func(ctx context.Context) tea.Msg {
		page, err := a.Backend.Messages(ctx, id, "")
		return messagesMsg{gen: gen, merge: merge, page: page, err: err}
	})
}

func (a *App) loadOlder(before string) tea.Cmd {
	gen, id := a.gen, a.conv.head.ID
	return a.call(func(ctx context.Context) tea.Msg {
		page, err := a.Backend.Messages(ctx, id, before)
		return messagesMsg{gen: gen, before: before, page: page, err: err}
	})
}

// searchDelay is how long typing must rest before a search.
const searchDelay = 150 * time.Millisecond

// searchSoon searches when typing has rested.
func searchSoon(query string, seq int) tea.Cmd {
	return tea.Tick(searchDelay, func(time.Time) tea.Msg { return searchMsg{query, seq} })
}

func (a *App) search(query string, seq int) tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		page, err := a.Backend.Search(ctx, query)
		return hitsMsg{seq, page.Hits, err}
	})
}

func (a *App) change(id string, change wire.ConversationChange, what string) tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		head, err := a.Backend.Change(ctx, id, change)
		return changedMsg{what, head, err}
	})
}

func (a *App) delete(id string) tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		return deletedMsg{id: id, err: a.Backend.Delete(ctx, id)}
	})
}

func (a *App) restore(id string) tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		head, err := a.Backend.Restore(ctx, id)
		return deletedMsg{id: id, restored: &head, err: err}
	})
}

// stream begins a turn, or attaches to one.
func (a *App) stream(t *turn, open func(context.Context) (Stream, error)) tea.Cmd {
	t.pump = startPump(a.ctx, a.Now, open)
	return a.pull(t)
}

// pull waits for what comes next of a turn.
func (a *App) pull(t *turn) tea.Cmd {
	p, gen := t.pump, t.gen
	return func() tea.Msg {
		events, done, err := p.take(a.ctx)
		return streamMsg{p, gen, events, done, err}
	}
}

func (a *App) cancelTurn(id string) tea.Cmd {
	return a.call(func(ctx context.Context) tea.Msg {
		return cancelledMsg{id, a.Backend.Cancel(ctx, id)}
	})
}

// watch follows the account's changes for as long as the program runs.
func (a *App) watch() tea.Cmd {
	changes := make(chan Change)
	return tea.Batch(nextChange(a.ctx, changes), func() tea.Msg {
		defer close(changes)
		_ = a.Backend.Watch(a.ctx, func(c Change) { // its end is the program's, or was told as Lost
			select {
			case changes <- c:
			case <-a.ctx.Done():
			}
		})
		return nil
	})
}

func nextChange(ctx context.Context, changes <-chan Change) tea.Cmd {
	return func() tea.Msg {
		select {
		case c, ok := <-changes:
			if !ok {
				return nil
			}
			return changeMsg{c, changes}
		case <-ctx.Done():
			return nil
		}
	}
}

// copy hands text to the terminal (OSC 52) and to the machine's clipboard. That
// the terminal took it nobody can know: what is said afterwards keeps to that.
func (a *App) copy(text, what string) tea.Cmd {
	native := func() tea.Msg {
		if a.Host == nil {
			return copiedMsg{what, ErrNoClipboard}
		}
		return copiedMsg{what, a.Host.Copy(text)}
	}
	return tea.Sequence(tea.SetClipboard(text), native)
}

func (a *App) openEditor() tea.Cmd {
	if a.Host == nil {
		return a.say(toastWarn, "There is no editor in this session.")
	}
	cmd, done, err := a.Host.Editor(a.composer.Value())
	if err != nil {
		return a.sayFailure("The editor could not be started", err)
	}
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		text, readErr := done()
		return editedMsg{text, errors.Join(err, readErr)}
	})
}

// expire takes a sentence away after a while.
func (a *App) expire(seq int, kind toastKind) tea.Cmd {
	if kind == toastBad {
		return nil // it stays until something else is said
	}
	return tea.Tick(toastFor, func(time.Time) tea.Msg { return expiredMsg{seq} })
}
