package provider_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// offering is a vendor that only has a list.
type offering struct {
	provider.Provider
	names []string
	err   error
	asked chan provider.Endpoint
}

func (o *offering) Models(_ context.Context, of provider.Endpoint) ([]provider.Model, error) {
	if o.asked != nil {
		o.asked <- of
	}
	var all []provider.Model
	for _, n := range o.names {
		all = append(all, provider.Model{Name: n})
	}
	return all, o.err
}

func directory(t *testing.T, o provider.DirectoryOptions) *provider.Directory {
	t.Helper()
	cat, err := provider.LoadCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Catalogue = cat
	if o.Vendors == nil {
		none := &offering{err: fault.New(fault.ProviderUnreachable, "")}
		o.Vendors = map[provider.API]provider.Provider{
			provider.Anthropic: none, provider.OpenAIResponses: none, provider.OpenAIChat: none, provider.Gemini: none, provider.Demo: none}
	}
	o.OllamaURL = func(host string) (string, error) {
		if host == "bad" {
			return "", errors.New("bad")
		}
		return "http://127.0.0.1:11434/v1", nil
	}
	return provider.NewDirectory(o)
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	env := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	all := env("ANTHROPIC_API_KEY", "a", "OPENAI_API_KEY", "o", "GOOGLE_API_KEY", "g", "OLLAMA_HOST", "box")
	for _, tc := range []struct {
		name  string
		env   map[string]string
		model string
		want  string // provider at base URL by dialect; or a fault's name
	}{
		{"nothing at all", nil, "", "demo  demo"},
		{"an unknown one", nil, "no-such-model", "model_unknown"},
		{"one without a key", nil, "anthropic/claude-haiku-4-5", "no_key"},
		{"one by its name", all, "claude-haiku-4-5", "anthropic  anthropic"},
		{"OpenAI at home", all, "openai/anything", "openai  openai-responses"},
		{"OpenAI elsewhere", env("OPENAI_BASE_URL", "http://box/v1/"), "openai/llama", "openai http://box/v1 openai-chat"},
		{"OpenAI at home by name", env("OPENAI_BASE_URL", "https://api.openai.com/v1", "OPENAI_API_KEY", "o"), "openai/x", "openai https://api.openai.com/v1 openai-responses"},
		{"Gemini by Google's variable", all, "gemini/anything", "gemini  gemini"},
		{"Ollama where it is said to be", all, "ollama/llama3.2:1b", "ollama http://127.0.0.1:11434/v1 openai-chat"},
		{"Ollama where nobody is", nil, "ollama/llama3.2:1b", "no_key"},
		{"a host that is none", env("OLLAMA_HOST", "bad"), "ollama/x", fault.Invalid.String()},
		{"an operator's endpoint", nil, "box/any/thing", "box http://box openai-chat"},
		{"the first key's default", env("GEMINI_API_KEY", "g"), "", "gemini  gemini"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := directory(t, provider.DirectoryOptions{Endpoints: nil})
			if tc.name == "an operator's endpoint" {
				d = directory(t, provider.DirectoryOptions{Endpoints: []provider.Endpoint{{Provider: "box", API: provider.OpenAIChat, BaseURL: "http://box"}}})
			}
			r, err := d.Route(t.Context(), provider.Caller{Env: tc.env, Local: true}, tc.model)
			got := r.Endpoint.Provider + " " + r.Endpoint.BaseURL + " " + string(r.Endpoint.API)
			if err != nil {
				got = fault.Of(err).Kind.String()
			}
			if got != tc.want {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}

// Whoever is at another machine cannot set the server's variables.
func TestWhoeverHasNoKeyIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		local, keeps bool
		says, not    string
	}{
		{true, false, "set ANTHROPIC_API_KEY", "operator"},
		{false, false, "ask the server's operator", "keys add"},
		{false, true, "add a key of your own with aichat keys add anthropic", "_API_KEY"},
	} {
		d := directory(t, provider.DirectoryOptions{Keeps: func() bool { return tc.keeps }})
		_, err := d.Route(t.Context(), provider.Caller{Local: tc.local}, "anthropic/claude-haiku-4-5")
		if says := fault.Of(err).Public(); !fault.Is(err, fault.NoKey) || !strings.Contains(says, tc.says) || strings.Contains(says, tc.not) {
			t.Errorf("local %v, keeps %v: %v", tc.local, tc.keeps, err)
		}
	}
}

func TestATerminalsKeyGoesBeforeTheOperators(t *testing.T) {
	t.Parallel()
	d := directory(t, provider.DirectoryOptions{Endpoints: []provider.Endpoint{
		{Provider: "anthropic", API: provider.Anthropic, Key: vault.NewSecret("operator"), KeyID: "op"}}})
	for _, tc := range []struct {
		env  map[string]string
		want string
	}{{nil, "operator"}, {map[string]string{"ANTHROPIC_API_KEY": "mine"}, "mine"}} {
		r, err := d.Route(t.Context(), provider.Caller{Env: tc.env}, "anthropic/claude-haiku-4-5")
		if err != nil || r.Endpoint.Key.Reveal() != tc.want {
			t.Errorf("with %v: %q, %v", tc.env, r.Endpoint.Key.Reveal(), err)
		}
	}
}

func TestTheCallersUsualModelGoesBeforeTheOperators(t *testing.T) {
	t.Parallel()
	box := provider.Endpoint{Provider: "box", API: provider.OpenAIChat, BaseURL: "http://box"}
	d := directory(t, provider.DirectoryOptions{Endpoints: []provider.Endpoint{box}, DefaultModel: "box/operators"})
	for usual, want := range map[string]string{"": "box/operators", "box/mine": "box/mine", "openai/without-a-key": "box/operators"} {
		r, err := d.Route(t.Context(), provider.Caller{DefaultModel: usual}, "")
		if err != nil || r.Model.ID() != want {
			t.Errorf("usually %q: %q, %v", usual, r.Model.ID(), err)
		}
	}
}

func TestTheList(t *testing.T) {
	t.Parallel()
	fine := &offering{names: []string{"brand-new", "text-embedding-3"}, asked: make(chan provider.Endpoint, 10)}
	down := &offering{err: fault.New(fault.ProviderUnreachable, "")}
	d := directory(t, provider.DirectoryOptions{NoProbe: true, Vendors: map[provider.API]provider.Provider{
		provider.Anthropic: fine, provider.OpenAIResponses: down}})
	caller := provider.Caller{Env: map[string]string{"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o"}}
	offers, problems := d.Models(t.Context(), caller)
	if len(problems) != 1 || problems[0].Provider != "openai" {
		t.Errorf("problems %v", problems)
	}
	usable, defaults := map[string]bool{}, 0
	for _, o := range offers {
		usable[o.ID()] = o.Usable
		if o.Default {
			defaults++
		}
	}
	for id, want := range map[string]bool{"anthropic/brand-new": true, "anthropic/claude-haiku-4-5": true, "demo/demo": true} {
		if usable[id] != want {
			t.Errorf("%s: usable %v", id, usable[id])
		}
	}
	if _, listed := usable["anthropic/text-embedding-3"]; listed {
		t.Error("a model that does not chat is offered")
	}
	if defaults != 1 {
		t.Errorf("%d defaults", defaults)
	}
	if _, again := d.Models(t.Context(), caller); len(again) != 1 || len(fine.asked) != 1 {
		t.Errorf("asked %d times", len(fine.asked))
	}
}

func TestTheDefaultOfAnAddressThatIsNotTheVendorsOwn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		offers []string
		err    error
		want   string // empty: the catalogue's
	}{
		{"another's models", []string{"llama-4", "qwen-5"}, nil, "openai/llama-4"},
		{"it does not say", nil, fault.New(fault.ProviderRefused, ""), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			there := &offering{names: tc.offers, err: tc.err}
			d := directory(t, provider.DirectoryOptions{NoProbe: true, Vendors: map[provider.API]provider.Provider{provider.OpenAIChat: there}})
			r, err := d.Route(t.Context(), provider.Caller{Env: map[string]string{"OPENAI_BASE_URL": "http://box/v1"}}, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Model; tc.want == "" && !got.Listed || tc.want != "" && got.ID() != tc.want {
				t.Errorf("the default is %s", got.ID())
			}
		})
	}
}
