package main

import (
	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/local"
)

// localTransport leads to this machine's own server, which the first request
// starts if it does not run.
func (l *lenders) localTransport() (*local.Transport, error) {
	if l.transport != nil {
		return l.transport, nil
	}
	dirs, err := l.dirs()
	if err != nil {
		return nil, err
	}
	t, err := local.New(local.Options{Dirs: dirs, Command: l.server})
	if err != nil {
		return nil, failed(nil, "%s", sentence(err.Error()))
	}
	l.transport = t
	return t, nil
}

// localOptions are the options of a client of this machine's own server. It
// alone is told the provider keys of this terminal.
func (l *lenders) localOptions() (client.Options, error) {
	t, err := l.localTransport()
	if err != nil {
		return client.Options{}, err
	}
	return client.Options{BaseURL: local.BaseURL, Transport: t, ProviderEnv: local.ProviderEnv(l.p.env)}, nil
}
