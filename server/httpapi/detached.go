package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/aichat-term/aichat/server/detach"
)

// detached is a stream whose handler has returned: its goroutine is its own, and
// so is what the middleware does for a request that ends. There are thousands,
// which wait most of the time: what is needed at the ends only is kept off the
// stack under which they wait.
type detached struct {
	api     *API
	visit   visit
	holder  *holder
	answer  *detach.Answer
	telling telling
}

// run tells the stream to its end. Whatever ends it before that (the session's
// end, a shutdown) ends a write that waits, too.
func (d *detached) run(ctx context.Context) {
	whole := false
	uncut := context.AfterFunc(ctx, d.answer.Cut)
	defer func() { d.end(recover(), whole && uncut()) }()
	s := d.api.newStream(d.answer)
	if s.sendWith(d.telling.begin) == nil {
		whole = d.telling.tell(ctx, s)
	}
}

// end is what comes after the last event.
//
//go:noinline
func (d *detached) end(broken any, whole bool) {
	a := d.api
	defer func() {
		d.holder.release()
		a.activity.end(a.Now())
	}()
	if broken != nil {
		a.log.LogAttrs(context.Background(), slog.LevelError, "panic",
			slog.String("route", d.visit.route), slog.Any("panic", broken), slog.String("stack", string(debug.Stack())))
	}
	d.telling.close()
	a.logVisit(&d.visit, http.StatusOK)
	if whole {
		d.answer.End()
		return
	}
	d.answer.Cut()
}
