package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// doctorPatience is how long the doctor waits for each of the server's answers.
const doctorPatience = 15 * time.Second

// examineServer looks at the server: its program, whether it answers, whom it
// takes us for, its database and its models. What depends on something that
// failed is not looked at.
func (p *program) examineServer(ctx context.Context) []finding {
	target, err := p.lenders.target()
	if err != nil {
		return []finding{p.failing(ctx, "server", err)}
	}
	var found []finding
	if target.Local {
		found = append(found, examineServerProgram())
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return append(found, p.failing(ctx, "server", err))
	}
	for _, examine := range []func(context.Context, *client.Client) ([]finding, bool){
		p.examineReach, p.examineSignIn, p.examineDatabase, p.examineKept, p.examineModels,
	} {
		bounded, cancel := context.WithTimeout(ctx, doctorPatience)
		more, on := examine(bounded, c)
		cancel()
		if found = append(found, more...); !on {
			break
		}
	}
	return withoutRepeats(found)
}

// withoutRepeats leaves out that a provider has no key where a finding says that
// the one that is kept for it cannot be read.
func withoutRepeats(found []finding) []finding {
	var unread []string
	for _, f := range found {
		unread = append(unread, f.unread...)
	}
	return slices.DeleteFunc(found, func(f finding) bool { return f.noKey && slices.Contains(unread, f.Check) })
}

// failing is a finding made of an error.
func (p *program) failing(ctx context.Context, check string, err error) finding {
	f := p.failureOf(ctx, err)
	hint := f.hint
	if hint == "See: aichat doctor" {
		hint = ""
	}
	return finding{Check: check, Verdict: bad, Detail: f.message, Hint: hint}
}

func examineServerProgram() finding {
	path, found := serverProgram()
	if !found {
		return finding{
			Check: "aichat-server", Verdict: bad, Detail: "is neither beside aichat nor on PATH",
			Hint: "install it beside aichat, or name a server with AICHAT_URL",
		}
	}
	return finding{Check: "aichat-server", Verdict: fine, Detail: path}
}

func (p *program) examineReach(ctx context.Context, c *client.Client) ([]finding, bool) {
	s, err := c.Server(ctx)
	if err != nil {
		return []finding{p.failing(ctx, "server", err)}, false
	}
	where := c.BaseURL()
	if s.Local {
		where = fmt.Sprintf("local, process %d, %s running", s.PID, count(s.Running, "answer"))
	}
	f := finding{Check: "server", Verdict: fine, Detail: fmt.Sprintf("%s (%s)", s.Version, where)}
	switch order := version.Compare(s.Version, version.String()); {
	case s.Local && order < 0:
		f.Verdict, f.Hint = worry, "it is older than aichat and is replaced when its answers have ended"
	case s.Local && order > 0:
		f.Verdict, f.Hint = worry, "it is newer than aichat: update aichat"
	case s.Retiring:
		f.Verdict, f.Hint = worry, "it is about to end; the next command starts another"
	}
	return []finding{f}, true
}

func (p *program) examineSignIn(ctx context.Context, c *client.Client) ([]finding, bool) {
	me, err := c.Me(ctx)
	if err != nil {
		return []finding{p.failing(ctx, "sign-in", err)}, false
	}
	detail := me.Name
	if me.Local {
		detail = "the owner of this machine's server"
	}
	return []finding{{Check: "sign-in", Verdict: fine, Detail: detail}}, true
}

// examineDatabase reads a page, and asks for a change of a chat that cannot
// exist: the server opens a transaction to write, finds nothing, and leaves no
// trace.
func (p *program) examineDatabase(ctx context.Context, c *client.Client) ([]finding, bool) {
	if _, err := c.Conversations(ctx, client.ListQuery{Limit: 1}); err != nil {
		return []finding{p.failing(ctx, "database", err)}, false
	}
	detail := "can be read and written"
	switch _, err := c.RestoreConversation(ctx, newID()); {
	case err == nil, client.CodeOf(err) == wire.NotFound:
	case client.CodeOf(err) == wire.Forbidden: // a token that is made for reading
		detail = "can be read; this token does not allow writing"
	default:
		return []finding{p.failing(ctx, "database", err)}, false
	}
	return []finding{{Check: "database", Verdict: fine, Detail: detail}}, true
}
