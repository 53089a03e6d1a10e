package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

// visit is what the middleware remembers of a request.
type visit struct {
	method, route string
	began         time.Time

	// detached says that the answer goes on without its handler: whoever answers
	// then writes the line in the log.
	detached bool
}

const visitKey = "visit"

func visitOf(c *gin.Context) *visit {
	v, _ := c.MustGet(visitKey).(*visit)
	return v
}

// observe writes one line for each request and catches what panics.
func (a *API) observe(c *gin.Context) {
	v := &visit{method: method(c.Request), route: c.FullPath(), began: a.Now()}
	c.Set(visitKey, v)
	defer func() {
		broken := recover()
		if broken != nil {
			a.broke(c, broken)
		}
		if !v.detached {
			a.logVisit(c.Request.Context(), v, c.Writer.Status())
		}
		if broken != nil && errors.Is(asError(broken), http.ErrAbortHandler) {
			panic(http.ErrAbortHandler)
		}
	}()
	c.Next()
}

// logVisit writes a request's line. It holds the route's template, not the path,
// and no query, body or token. What asks every few seconds whether the server is
// well does not fill the log.
func (a *API) logVisit(ctx context.Context, v *visit, status int) {
	who := callerOf(ctx)
	a.log.LogAttrs(context.WithoutCancel(ctx), levelOf(v.route), "request",
		slog.String("method", v.method),
		slog.String("route", v.route),
		slog.Int("status", status),
		slog.Duration("duration", a.Now().Sub(v.began)),
		slog.String("user", string(who.User)),
		slog.String("session", who.Session),
	)
}

func levelOf(route string) slog.Level {
	if route == wire.PathHealth || route == wire.PathReady {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// broke answers for a handler that panicked. Where the answer has begun the
// connection is cut, so that nobody takes a part for the whole.
func (a *API) broke(c *gin.Context, what any) {
	if errors.Is(asError(what), http.ErrAbortHandler) {
		return
	}
	a.logPanic(c.Request.Context(), c.FullPath(), what)
	if c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	writeProblem(c, problemOf(&fault.Error{Kind: fault.Internal}).Problem)
}

// logPanic is called where the panic is recovered.
func (a *API) logPanic(ctx context.Context, route string, what any) {
	a.log.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("route", route), slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}

// refuse makes a handler's error ready for Huma, having noted its cause.
func (a *API) refuse(ctx context.Context, err error) error {
	a.note(ctx, err)
	return problemOf(err)
}
