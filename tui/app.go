package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
	"github.com/aichat-term/aichat/tui/composer"
	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/sidebar"
	"github.com/aichat-term/aichat/tui/theme"
)

// Options say how the interface is started.
type Options struct {
	Backend Backend // required
	Host    Host    // nil: there is none

	// Chat is the conversation to open, by its id or the beginning of it; empty:
	// a new one.
	Chat string
	// Model is the model of new conversations; empty: the server's default.
	Model string
	// Recalled says that Model is only the one chosen last: where nothing of its
	// provider can be used any more, the server's default is taken instead.
	Recalled bool

	// TimeZone is the person's, by its IANA name, whose days usage is told by;
	// empty: the server's choice.
	TimeZone string

	Theme theme.Options
	// NoMouse leaves the mouse to the terminal.
	NoMouse bool

	// Login signs in; nil: the server needs no sign-in.
	Login Login
	// OpenURL opens a page in the person's browser; nil: there is none here.
	OpenURL func(ctx context.Context, url string) error

	Now   func() time.Time // nil: time.Now
	NewID func() string    // nil: a UUIDv7
}

// focus is where keys go.
type focus uint8

const (
	onComposer focus = iota
	onTranscript
	onSidebar
)

// App is the application: a tea.Model. All its methods run on the update loop.
type App struct {
	Options
	ctx    context.Context // ends with the program; effects run under it
	cancel context.CancelFunc

	theme    *theme.Theme
	chat     *chat.Model
	composer *composer.Model
	sidebar  *sidebar.Model
	picker   *dialog.Picker // one of these, or none
	pages    *dialog.Pages
	usage    *dialog.Usage
	line     *dialog.Line
	signIn   *dialog.SignIn // over both; nil: none waits

	leaveSignIn func() // ends what signIn waits for

	width, height int
	focus         focus
	listShown     bool // the sidebar, where there is room

	conv    conversation
	gen     int               // of the conversation shown: results of older ones are dropped
	drafts  map[string]string // what was typed and not sent, by conversation; "" is a new one
	leaves  map[string]string // where a branch that was left ended, by the alternative it began with
	turn    *turn             // the answer that is being written here; nil: none
	editing *editing

	models    wire.ModelList
	hasModels bool
	chosen    string // the model of new conversations
	server    *Server
	lost      string // what is said of the connection while there is none; empty: there is one
	stands    bool   // the watch does: what it does not tell has not changed
	deleted   string // what can be restored

	keymap    map[string]func(*App) tea.Cmd
	toast     toast
	allowance standing
	rating    map[string]*wire.NewRating // answers whose rating is on its way, and what to send after it, if anything
	asked     string                     // the rating whose reason the line is
	listSeq   int                        // of the list asked for last
	listGot   int                        // and of the newest that came
	lastEnded string                     // the turn that ended last: what is told of it later is old
	enhanced  bool                       // the terminal tells shift+enter from enter
	mouse     bool

	frame tea.View
	stale bool
}

// conversation is what is shown.
type conversation struct {
	head    wire.Conversation
	exists  bool // the server has it
	loading bool
	failed  string
	gone    bool   // it was deleted elsewhere
	show    string // a message to bring into view when it is loaded
}

// turn is a question on its way, or an answer that is being written.
type turn struct {
	id, question string
	pump         *pump
	gen          int
	text         string // what was typed; given back where the server refuses it
	accepted     bool
	stopping     bool
	lost         bool
	editing      *editing
}

// editing is an earlier question that is being asked anew.
type editing struct{ parent, draft string }

// toast is a sentence that stays until something else is said, or a while.
type toast struct {
	text string
	kind toastKind
	seq  int
}

type toastKind uint8

const (
	toastInfo toastKind = iota
	toastWarn
	toastBad
)

// NewApp is an application that has begun nothing yet: Init does. It ends with ctx.
func NewApp(ctx context.Context, o Options) *App {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = newID
	}
	ctx, cancel := context.WithCancel(ctx)
	t := theme.New(o.Theme)
	a := &App{
		Options: o, ctx: ctx, cancel: cancel,
		theme: t, chat: chat.New(t), composer: composer.New(), sidebar: sidebar.New(t),
		drafts: map[string]string{}, leaves: map[string]string{}, rating: map[string]*wire.NewRating{},
		keymap: keymap(), chosen: o.Model, mouse: !o.NoMouse, stale: true, listShown: !o.Theme.Accessible,
	}
	a.conv.head.ID = o.NewID()
	return a
}

// Init implements tea.Model: it asks for everything at once; typing need not wait
// for any of it.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{a.loadModels(), a.loadList(""), a.loadAbout(), a.loadLimits(), a.watch()}
	if !a.Theme.Accessible {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	if a.Chat != "" {
		a.conv.loading = true
		cmds = append(cmds, a.find(a.Chat))
	}
	return tea.Batch(cmds...)
}

// Shown is the conversation that is shown; empty: it has not begun.
func (a *App) Shown() string {
	if a.conv.exists {
		return a.conv.head.ID
	}
	return ""
}

// running is the turn that is being written in the conversation shown.
func (a *App) running() bool { return a.turn != nil }

// model is the model that the next question goes to; empty: the server's choice.
func (a *App) model() string {
	if a.conv.exists && a.conv.head.Model != "" {
		return a.conv.head.Model
	}
	if a.chosen != "" {
		return a.chosen
	}
	for _, m := range a.models.Models {
		if m.Default {
			return m.ID
		}
	}
	return ""
}

// say shows a sentence for a while.
func (a *App) say(kind toastKind, text string) tea.Cmd {
	a.toast = toast{text: text, kind: kind, seq: a.toast.seq + 1}
	return a.expire(a.toast.seq, kind)
}

// sayFailure shows why something could not be done.
func (a *App) sayFailure(what string, err error) tea.Cmd {
	f := asFailure(err)
	return a.say(toastBad, what+": "+chat.Explain(f.Code, f.Text))
}
