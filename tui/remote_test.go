package tui_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

// variables are those of this machine: nobody is to set them for a server elsewhere.
var variables = []string{"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "Ollama"}

// What is to be done about a missing key differs: this machine's own server takes the
// variables of the terminal, another one has an operator.
func TestWhatToDoAboutAMissingKey(t *testing.T) {
	t.Parallel()
	local := tui.Server{Name: "local", Local: true, Version: "1.0.0"}
	remote := tui.Server{Name: "chat.example.com", Version: "1.0.0"}
	for name, c := range map[string]struct {
		server    tui.Server
		model     string // that is chosen and cannot be used; empty: only the welcome is looked at
		said      []string
		variables bool // are named
	}{
		"the welcome here": {server: local, variables: true, said: []string{
			"No provider key was found, so the built-in demo answers: it is no AI.", "GEMINI_API_KEY and start again, or run Ollama."}},
		"the welcome elsewhere": {server: remote, said: []string{
			"This server has no provider key for you, so the built-in demo answers: it is no AI.",
			"Ask its operator, or add a key of your own: aichat keys add anthropic"}},
		"a model here": {server: local, model: "openai/big", variables: true, said: []string{
			"There is no key for openai. Set OPENAI_API_KEY and start aichat again, or add one: aichat keys add openai"}},
		"a model elsewhere": {server: remote, model: "openai/big", said: []string{
			"This server has no key for openai. Ask its operator, or add one of your own: aichat keys add openai"}},
		"a model of a name of its own, here":      {server: local, model: "lab/big", variables: true, said: []string{"There is no key for lab."}},
		"a model of a name of its own, elsewhere": {server: remote, model: "lab/big", said: []string{"There is no key for lab."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tuitest.NewFake()
			f.Server = c.server
			if provider, model, chosen := strings.Cut(c.model, "/"); chosen {
				f.Catalogue.Models = append(f.Catalogue.Models, wire.Model{ID: c.model, Provider: provider, Name: model})
			}
			d := drive(t, f)
			d.UntilShown("demo/demo")
			d.UntilShown(c.server.Name)
			if c.model != "" {
				d.Key("ctrl+l")
				d.UntilShown(c.model)
				d.Type("big")
				d.Key("enter")
				d.Key("esc")
			}
			for _, text := range c.said {
				untilSaid(d, text)
			}
			named := slices.ContainsFunc(variables, func(v string) bool { return strings.Contains(d.Screen(), v) })
			if named != c.variables {
				t.Errorf("variables of this machine are named: %t\n%s", named, d.Screen())
			}
		})
	}
}
