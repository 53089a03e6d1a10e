package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/credential"
	"github.com/aichat-term/aichat/client/local"
	"github.com/aichat-term/aichat/client/setting"
)

// lenders lend a command what it uses, and make it at the first asking: a
// command opens only that. They are used by one goroutine.
type lenders struct {
	p       *program
	profile string // --profile

	// server is the local server's program with its first arguments; empty: it
	// is looked for.
	server []string

	dirsMade *config.Dirs
	loaded   *loadedConfig
	connect  *client.Client
	kept     *credential.Store
	signed   *client.Session
	// transport is to this machine's own server; nil: not asked for yet.
	transport *local.Transport
}

type loadedConfig struct {
	config *config.Config
	report *setting.Loaded
}

// dirs are the folders of our files.
func (l *lenders) dirs() (config.Dirs, error) {
	if l.dirsMade == nil {
		d, err := config.UserDirs()
		if err != nil {
			return d, failed(nil, "%s", sentence(err.Error()))
		}
		l.dirsMade = &d
	}
	return *l.dirsMade, nil
}

// config is the configuration, read once.
func (l *lenders) config() (*config.Config, *setting.Loaded, error) {
	if l.loaded == nil {
		dirs, err := l.dirs()
		if err != nil {
			return nil, nil, err
		}
		c, report, err := config.Load(config.Options{Dirs: dirs, Env: l.p.env})
		if err != nil {
			return nil, nil, configFailure(err)
		}
		l.loaded = &loadedConfig{c, report}
	}
	return l.loaded.config, l.loaded.report, nil
}

func configFailure(err error) error {
	return &failure{status: exitUsage, code: codeUsage, cause: err,
		message: sentence(err.Error()), hint: "See: aichat config path"}
}

// target is the server that is meant.
func (l *lenders) target() (config.Target, error) {
	c, _, err := l.config()
	if err != nil {
		return config.Target{}, err
	}
	if err := l.adopt(c); err != nil {
		return config.Target{}, err
	}
	t, err := c.Target(l.profile)
	if err != nil {
		return t, configFailure(err)
	}
	return t, nil
}

// state is what is remembered between commands.
func (l *lenders) state() (*config.State, error) {
	dirs, err := l.dirs()
	if err != nil {
		return nil, err
	}
	return config.NewState(dirs.State), nil
}

// client is the connection to the server that is meant. This machine's own is
// started by the first request, if it does not run.
func (l *lenders) client(context.Context) (*client.Client, error) {
	if l.connect != nil {
		return l.connect, nil
	}
	target, err := l.target()
	if err != nil {
		return nil, err
	}
	o, err := l.options(target)
	if err != nil {
		return nil, err
	}
	c, err := client.New(o)
	if err != nil {
		return nil, configFailure(errors.New(strings.TrimPrefix(err.Error(), "client: ")))
	}
	l.connect = c
	return c, nil
}

// options are how the server that is meant is reached, and as whom.
func (l *lenders) options(t config.Target) (client.Options, error) {
	if t.Local {
		return l.localOptions()
	}
	o := client.Options{BaseURL: t.URL, Token: t.Token.Reveal(), Account: t.Account}
	if o.Token != "" {
		return o, nil
	}
	s, err := l.session(t)
	if err != nil {
		return o, err
	}
	o.Tokens = s
	return o, nil
}

// closeWithin is how long letting go may take: a command is never held up by it.
const closeWithin = 500 * time.Millisecond

// close lets go of what was lent. A local server that is older than this program
// is told to go when its turns have ended: the next command starts the newer one.
func (l *lenders) close() {
	if l.transport != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		_ = l.transport.RetireOlder(ctx) // the next command tries again
	}
	if l.signed != nil {
		ctx, cancel := context.WithTimeout(context.Background(), keepWithin)
		defer cancel()
		l.signed.Settle(ctx)
	}
	if l.connect != nil {
		l.connect.Close()
	}
}

// keepWithin is how long new tokens that are on their way are waited for: lost,
// they would end the session.
const keepWithin = 5 * time.Second
