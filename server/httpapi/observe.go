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

// visit is a request as its line in the log tells of it.
type visit struct {
	method, route string
	user, session string
	began         time.Time

	// detached says that the answer goes on without its handler; whoever answers
	// then writes the line.
	detached bool
}

const visitKey = "visit"

// visitOf is the request's own, with what has been found out by now.
func visitOf(c *gin.Context) *visit {
	v, _ := c.MustGet(visitKey).(*visit)
	who := callerOf(c.Request.Context())
	v.user, v.session = string(who.User), who.Session
	return v
}

// observe writes one line for each request and catches what panics.
func (a *API) observe(c *gin.Context) {
	c.Set(visitKey, &visit{method: method(c.Request), route: c.FullPath(), began: a.Now()})
	defer func() {
		broken := recover()
		if broken != nil {
			a.broke(c, broken)
		}
		if v := visitOf(c); !v.detached {
			a.logVisit(v, c.Writer.Status())
		}
		if broken != nil && errors.Is(asError(broken), http.ErrAbortHandler) {
			panic(http.ErrAbortHandler)
		}
	}()
	c.Next()
}

// logVisit writes the line. It holds the route's template, not the path, and no
// query, body or token. What asks every few seconds whether the server is well
// does not fill the log.
func (a *API) logVisit(v *visit, status int) {
	a.log.LogAttrs(context.Background(), levelOf(v.route), "request",
		slog.String("method", v.method),
		slog.String("route", v.route),
		slog.Int("status", status),
		slog.Duration("duration", a.Now().Sub(v.began)),
		slog.String("user", v.user),
		slog.String("session", v.session),
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
