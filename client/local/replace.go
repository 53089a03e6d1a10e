package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// Progress says what the replacing of a server waits for.
type Progress struct {
	Version string // of the server that is to go
	Running int    // its turns
}

// Older reports whether the server that answered last is older than this
// program, and its version. Before any answer it reports no.
func (t *Transport) Older() (string, bool) {
	v := t.serverVersion.Load()
	if v == nil {
		return "", false
	}
	return *v, version.Compare(*v, t.version) < 0
}

// RetireOlder tells the server to go when its turns have ended, if what it
// answered so far shows that it is older than this program; otherwise it does
// nothing and costs nothing. It does not wait: whoever needs a server next
// starts the newer one. A command calls it when its own work is done.
func (t *Transport) RetireOlder(ctx context.Context) error {
	v, older := t.Older()
	if !older {
		return nil
	}
	t.log.Debug("retire the older local server", "server_version", v)
	visit, err := t.visitor()
	if err != nil {
		return err
	}
	return ignoreGone(visit.Retire(ctx))
}

// tooOld reports whether the server that answered last is older than anything
// that this program can talk to.
func (t *Transport) tooOld() bool {
	v, older := t.Older()
	return older && version.Compare(v, version.MinServer) < 0
}

// EnsureVersion replaces a server that is older than this program: it retires
// it, waits until its turns have ended, and starts the newer one. A newer
// server stays. Where no request has been answered yet, it asks the server,
// starting one if none runs. progress, which may be nil, is called while it
// waits.
func (t *Transport) EnsureVersion(ctx context.Context, progress func(Progress)) error {
	if t.serverVersion.Load() == nil {
		c, err := client.New(client.Options{BaseURL: BaseURL, Transport: t, Version: t.version})
		if err != nil {
			return err
		}
		if _, err := look(ctx, c); err != nil {
			return err
		}
	}
	if _, older := t.Older(); !older {
		return nil
	}
	return t.replace(ctx, progress)
}

// replace holds the lock all the while, so that nobody starts the older one
// again when it has gone.
func (t *Transport) replace(ctx context.Context, progress func(Progress)) error {
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	visit, err := t.visitor()
	if err != nil {
		return err
	}
	server, err := look(ctx, visit)
	switch {
	case gone(err):
	case err != nil:
		return fmt.Errorf("ask the older local server: %w", err)
	case version.Compare(server.Version, t.version) >= 0:
		t.serverVersion.Store(&server.Version) // another process was faster
		return nil
	default:
		if err := ignoreGone(visit.Retire(ctx)); err != nil {
			return fmt.Errorf("retire the older local server: %w", err)
		}
		if err := t.awaitEnd(ctx, visit, progress); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, t.startTimeout)
	defer cancel()
	t.CloseIdleConnections()
	t.serverVersion.Store(nil)
	return t.spawn(ctx)
}

// look asks a server that may be about to end, until it answers or is gone.
func look(ctx context.Context, visit *client.Client) (wire.Server, error) {
	for try := 1; ; try++ {
		server, err := visit.Server(ctx)
		if err == nil || gone(err) || !cutOff(err) || try > maxRepeats || !sleep(ctx, repeatPause) {
			return server, err
		}
	}
}

// endPoll is how often a server that is to end is looked at.
const endPoll = 50 * time.Millisecond

// awaitEnd waits until nobody listens any more.
func (t *Transport) awaitEnd(ctx context.Context, visit *client.Client, progress func(Progress)) error {
	for {
		server, err := visit.Server(ctx)
		if gone(err) {
			return nil
		}
		if err == nil && progress != nil {
			progress(Progress{Version: server.Version, Running: server.Running})
		}
		if !sleep(ctx, endPoll) {
			return context.Cause(ctx)
		}
	}
}

// visitor is a client that starts no server and keeps no connection.
func (t *Transport) visitor() (*client.Client, error) {
	return client.New(client.Options{BaseURL: BaseURL, Transport: visitor{t.visiting}, Version: t.version, AnyServer: true})
}

type visitor struct{ *http.Transport }

// Local tells client that this leads to the local server.
func (visitor) Local() bool { return true }

// gone reports whether nobody listens any more.
func gone(err error) bool { return err != nil && absent(err) }

// ignoreGone is nil for the errors of a server that has gone, or goes while it
// answers.
func ignoreGone(err error) error {
	var unreachable *client.UnreachableError
	if errors.As(err, &unreachable) || client.CodeOf(err) == wire.Unavailable {
		return nil
	}
	return err
}
