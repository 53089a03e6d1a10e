package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/figure"
)

func (a *App) gotModels(msg modelsMsg) tea.Cmd {
	if msg.err != nil {
		if a.picker != nil && a.picker.List() == listModels {
			a.fillModels(chat.Explain(asFailure(msg.err).Code, asFailure(msg.err).Text))
		}
		return nil
	}
	a.models, a.hasModels = msg.list, true
	if a.picker != nil && a.picker.List() == listModels {
		a.fillModels("")
	}
	return a.forgetModel()
}

// forgetModel gives up a model that was only remembered, if it cannot be asked
// here any more.
func (a *App) forgetModel() tea.Cmd {
	if !a.Recalled || a.chosen != a.Model || a.chosen == "" || a.usable(a.chosen) {
		return nil
	}
	gone := a.chosen
	a.chosen = ""
	return a.say(toastInfo, "There is no key for "+gone+" any more, the last model chosen: the server chooses another.")
}

// usable reports whether a model, or one of its provider's, can be asked: not all
// that can be are listed.
func (a *App) usable(id string) bool {
	provider, _, _ := strings.Cut(id, "/")
	return slices.ContainsFunc(a.models.Models, func(m wire.Model) bool {
		return m.Usable && (m.ID == id || m.Provider == provider)
	})
}

func (a *App) chooseModel(id string) tea.Cmd {
	a.chosen = id
	if !a.conv.exists {
		return nil
	}
	a.conv.head.Model = id
	return a.change(a.conv.head.ID, wire.ConversationChange{Model: &id}, "The model could not be set")
}

// modelOf is what is known of a model; nil: nothing.
func (a *App) modelOf(id string) *wire.Model {
	for i := range a.models.Models {
		if a.models.Models[i].ID == id {
			return &a.models.Models[i]
		}
	}
	return nil
}

func (a *App) openModels() tea.Cmd {
	a.picker = dialog.NewPicker(a.theme, listModels, "Models: context, price per 1M tokens in / out")
	if !a.hasModels {
		a.picker.SetEntries(nil, "", "Asking the server which models there are"+a.theme.Ellipsis)
		return a.loadModels()
	}
	a.fillModels("")
	return a.loadModels() // keys and local models come and go
}

func (a *App) fillModels(failure string) {
	entries := make([]dialog.Entry, 0, len(a.models.Models))
	for _, m := range a.models.Models {
		entries = append(entries, modelEntry(m, a.remote()))
	}
	notes := []string{}
	if failure != "" {
		notes = append(notes, failure)
	}
	for _, p := range a.models.Problems {
		notes = append(notes, p.Provider+": "+p.Detail)
	}
	a.picker.SetEntries(entries, a.model(), strings.Join(notes, "\n"))
}

// keys are the variables that make a provider's models usable.
var keys = map[string]string{
	"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY", "gemini": "GEMINI_API_KEY",
}

func modelEntry(m wire.Model, remote bool) dialog.Entry {
	e := dialog.Entry{ID: m.ID, Label: m.ID}
	var facts []string
	if m.Context > 0 {
		facts = append(facts, figure.Count(m.Context))
	}
	switch {
	case m.Price == nil:
		facts = append(facts, "price unknown")
	case m.Price.Input == 0 && m.Price.Output == 0:
		facts = append(facts, "free")
	default:
		facts = append(facts, figure.Money(m.Price.Input)+" / "+figure.Money(m.Price.Output))
	}
	switch {
	case m.Barred && len(m.Plans) > 0:
		facts = []string{"needs the plan " + strings.Join(m.Plans, " or ")}
		e.Refusal = "Your plan does not have " + m.ID + ". The plan " + strings.Join(m.Plans, " or ") + " does. To get it, type: aichat upgrade"
	case m.Barred:
		facts = []string{"in no plan"}
		e.Refusal = "No plan of this server has " + m.ID + "."
	case !m.Usable:
		facts, e.Refusal = noKey(m.Provider, remote)
	}
	e.Detail = strings.Join(facts, ", ")
	return e
}

// noKey says what a provider's models lack, and what can be done about it here.
func noKey(provider string, remote bool) (facts []string, refusal string) {
	variable := keys[provider]
	switch {
	case variable == "":
		return []string{"no key"}, "There is no key for " + provider + "."
	case remote:
		return []string{"needs a key"}, "This server has no key for " + provider + ". Ask its operator, or add one of your own: aichat keys add " + provider
	}
	return []string{"needs " + variable}, "There is no key for " + provider + ". Set " + variable + " and start aichat again, or add one: aichat keys add " + provider
}
