package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// examineKept looks at the keys of one's own that the server keeps, and at those of
// the account: whether they can be read, and how they fared.
func (p *program) examineKept(ctx context.Context, c *client.Client) ([]finding, bool) {
	var found []finding
	for _, of := range []client.KeyOwner{client.OwnKeys, client.AccountKeys} {
		list, err := c.Keys(ctx, of)
		switch code := client.CodeOf(err); {
		case code == wire.Forbidden || code == wire.NotFound: // not for this token, role or server
		case err != nil:
			return append(found, p.failing(ctx, keptName(of), err)), true
		case len(list.Keys) > 0:
			found = append(found, examineKeptOf(ctx, c, of, list.Keys)...)
		}
	}
	return found, true
}

func keptName(of client.KeyOwner) string {
	if of == client.AccountKeys {
		return "the account's keys"
	}
	return "your keys"
}

// examineKeptOf looks at the keys of one owner, of which there are some.
func examineKeptOf(ctx context.Context, c *client.Client, of client.KeyOwner, all []wire.Key) []finding {
	var unread, providers, troubled []string
	var first string // of those that cannot be read
	for i := range all {
		k := &all[i]
		switch {
		case k.Disabled:
		case !k.Readable:
			if len(unread) == 0 {
				first = k.ID
			}
			unread, providers = append(unread, strings.Join(keyCells(k), " ")), append(providers, k.Provider)
		case k.Trouble != nil:
			troubled = append(troubled, strings.Join(keyCells(k), " ")+" ("+keyStateInWords(k)+")")
		}
	}
	f := finding{Check: keptName(of), Verdict: fine, Detail: count(len(all), "key") + " kept by the server"}
	switch {
	case len(unread) > 0:
		f.Verdict, f.unread = bad, providers
		f.Detail = fmt.Sprintf("%d of %d cannot be read: %s", len(unread), len(all), strings.Join(unread, "; "))
		f.Hint = whyUnread(ctx, c, of, first)
	case len(troubled) > 0:
		f.Verdict = worry
		f.Detail = "did not serve when last used: " + strings.Join(troubled, "; ")
		f.Hint = "try it: " + keysCommand(of) + " test ID"
	}
	return []finding{f}
}

// whyUnread is what the server says of a key that it cannot read, and of what to do.
func whyUnread(ctx context.Context, c *client.Client, of client.KeyOwner, id string) string {
	if t, err := c.TestKey(ctx, of, id); err == nil && t.Code == wire.NoKey {
		return t.Detail
	}
	return "see " + keysCommand(of)
}

func keysCommand(of client.KeyOwner) string {
	if of == client.AccountKeys {
		return "aichat keys --account"
	}
	return "aichat keys"
}

// examineModels looks at what can be asked, and asks the providers themselves.
func (p *program) examineModels(ctx context.Context, c *client.Client) ([]finding, bool) {
	target, err := p.lenders.target()
	if err != nil {
		return []finding{p.failing(ctx, "models", err)}, false
	}
	list, err := c.FreshModels(ctx)
	if err != nil {
		return []finding{p.failing(ctx, "models", err)}, false
	}
	kept, _ := usable(list.Models)
	f := finding{Check: "models", Verdict: fine, Detail: count(len(kept), "model") + " can be used" + byDefault(kept)}
	if onlyDemo(kept) {
		f.Verdict = worry
		f.Hint = "set a provider's key, say ANTHROPIC_API_KEY, or start Ollama; until then the demo answers"
		if !target.Local {
			f.Hint = "ask the server's operator for others, or add a key of your own (aichat keys add anthropic): the variables of this terminal are not sent there"
		}
	}
	return append([]finding{f}, p.examineProviders(kept, list.Problems, target.Local)...), true
}

// examineProviders tells of the providers that did not answer. That is bad where
// none is left that may: then only the demo answers.
func (p *program) examineProviders(kept []wire.Model, problems []wire.ModelProblem, local bool) []finding {
	v := worry
	if noneLeft(kept, problems) {
		v = bad
	}
	var found []finding
	for _, problem := range problems {
		found = append(found, finding{Check: problem.Provider, Verdict: v, Detail: problem.Detail, Hint: p.providerHint(problem, local),
			noKey: problem.Code == wire.NoKey})
	}
	return found
}

// noneLeft reports whether every provider but the demo is known not to answer.
func noneLeft(kept []wire.Model, problems []wire.ModelProblem) bool {
	silent := map[string]bool{}
	for _, problem := range problems {
		switch problem.Code {
		case wire.ProviderRefused, wire.ProviderRateLimited: // it has no list, or not now: it may answer all the same
			return false
		default:
			silent[problem.Provider] = true
		}
	}
	for _, m := range kept {
		if m.Provider != "demo" && !silent[m.Provider] {
			return false
		}
	}
	return len(silent) > 0
}

// providerHint says what to do about a provider that did not answer, where its
// detail does not.
func (p *program) providerHint(problem wire.ModelProblem, local bool) string {
	switch problem.Code {
	case wire.ProviderUnreachable, wire.ProviderTimeout:
		if !local {
			return "try again later, or tell the server's operator"
		}
		return "check the network" + p.addressHint(problem.Provider)
	case wire.ProviderAuth, wire.NoKey, wire.InvalidRequest:
		return "" // the detail says what to do
	default:
		return hintFor(wire.Problem{Code: problem.Code})
	}
}

// addressHint names the variable of this terminal that leads to a provider.
func (p *program) addressHint(provider string) string {
	variable := map[string]string{
		"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL", "gemini": "GOOGLE_GEMINI_BASE_URL",
	}[provider]
	switch {
	case provider == "ollama":
		return ", OLLAMA_HOST, and whether Ollama runs"
	case variable != "" && p.env.get(variable) != "":
		return ", and " + variable
	default:
		return ""
	}
}

func byDefault(models []wire.Model) string {
	for _, m := range models {
		if m.Default {
			return ", by default " + m.ID
		}
	}
	return ""
}

func onlyDemo(models []wire.Model) bool {
	for _, m := range models {
		if m.Provider != "demo" {
			return false
		}
	}
	return true
}
