package httpapi

import (
	"context"
	"net/http"

	"github.com/aichat-term/aichat/server/detach"
)

// detached is a stream whose handler has returned: its goroutine is its own, and
// so is what the middleware does for a request that ends. There are thousands,
// which wait most of the time: what is needed at the ends only is kept off the
// stack under which they wait.
type detached struct {
	api     *API
	visit   *visit
	holder  *holder
	answer  *detach.Answer
	telling telling
}

// run tells the stream to its end. Once it has begun, whatever ends it early (the
// session's end, a shutdown) ends a write that waits, too.
func (d *detached) run(ctx context.Context, first []byte) {
	whole := false
	defer func() { d.end(ctx, recover(), whole) }()
	s := d.api.newStream(d.answer)
	if s.send(first) != nil {
		return
	}
	uncut := context.AfterFunc(ctx, d.answer.Cut)
	whole = d.telling.tell(ctx, s) && uncut()
}

// end is what comes after the last event.
//
//go:noinline
func (d *detached) end(ctx context.Context, broken any, whole bool) {
	a := d.api
	defer func() {
		d.holder.release()
		a.activity.end(a.Now())
	}()
	if broken != nil {
		a.logPanic(ctx, d.visit.route, broken)
	}
	d.telling.close()
	a.logVisit(ctx, d.visit, http.StatusOK)
	if whole {
		d.answer.End()
		return
	}
	d.answer.Cut()
}
