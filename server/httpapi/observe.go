package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

// observe writes one line for each request and catches what panics. The line
// holds the route's template, not the path, and no query, body or token. What
// asks every few seconds whether the server is well does not fill the log.
func (a *API) observe(c *gin.Context) {
	began := a.Now()
	defer func() {
		broken := recover()
		if broken != nil {
			a.broke(c, broken)
		}
		a.log.LogAttrs(context.WithoutCancel(c.Request.Context()), levelOf(c.FullPath()), "request",
			slog.String("method", method(c.Request)),
			slog.String("route", c.FullPath()),
			slog.Int("status", c.Writer.Status()),
			slog.Duration("duration", a.Now().Sub(began)),
			slog.String("user", string(callerOf(c.Request.Context()).User)),
			slog.String("session", callerOf(c.Request.Context()).Session),
		)
		if broken != nil && errors.Is(asError(broken), http.ErrAbortHandler) {
			panic(http.ErrAbortHandler)
		}
	}()
	c.Next()
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
	a.log.LogAttrs(c.Request.Context(), slog.LevelError, "panic",
		slog.String("route", c.FullPath()), slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
	if c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	writeProblem(c, problemOf(&fault.Error{Kind: fault.Internal}).Problem)
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
