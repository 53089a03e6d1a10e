package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

// problemError is a fault on its way out through Huma: a huma.StatusError with
// a media type and headers of its own, whose JSON is the problem.
type problemError struct {
	wire.Problem
}

func (p *problemError) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *problemError) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *problemError) ContentType(string) string { return wire.ProblemType }

// GetHeaders implements huma.HeadersError.
func (p *problemError) GetHeaders() http.Header { return problemHeaders(p.Problem) }

// problemOf is the public face of an error; nothing of its cause is in it.
func problemOf(err error) *problemError {
	f := fault.Of(err)
	out := failureOf(f.Kind)
	return &problemError{wire.Problem{
		Title:      http.StatusText(out.status),
		Status:     out.status,
		Detail:     f.Public(),
		Code:       out.code,
		Subject:    f.Subject,
		RetryAfter: seconds(f.RetryAfter),
	}}
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

// Challenges of RFC 6750, section 3: that a bearer token is wanted, and that the
// one which came is not valid any more.
const (
	bearerRealm   = `Bearer realm="aichat"`
	bearerInvalid = bearerRealm + `, error="invalid_token"`
)

// problemHeaders are the headers that standards want beside certain problems:
// RFC 9110 sections 10.2.3 (Retry-After) and 11.6.1 (WWW-Authenticate).
func problemHeaders(p wire.Problem) http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(p.RetryAfter, 10))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", bearerRealm)
	}
	return h
}

// fail answers a Gin request with an error, and ends its chain.
func (a *API) fail(c *gin.Context, err error) {
	a.note(c.Request.Context(), err)
	writeProblem(c, problemOf(err).Problem)
}

// writeProblem answers with a problem, unless an answer has begun already.
func writeProblem(c *gin.Context, p wire.Problem) {
	c.Abort()
	if c.Writer.Written() {
		return
	}
	header := c.Writer.Header()
	for name, values := range problemHeaders(p) {
		if header.Get(name) == "" { // admit may have said it more precisely
			header[name] = values
		}
	}
	header.Set("Content-Type", wire.ProblemType)
	body, err := json.Marshal(p)
	if err != nil { // a struct of strings and numbers: cannot happen
		panic(err)
	}
	c.Writer.WriteHeader(p.Status)
	_, _ = c.Writer.Write(append(body, '\n')) // the client may be gone: nobody is left to tell
}

// note logs the cause of what is our own or the store's failure. What a caller
// did wrong is in the request's line already.
func (a *API) note(ctx context.Context, err error) {
	f := fault.Of(err)
	if failureOf(f.Kind).status < http.StatusInternalServerError || ctx.Err() != nil {
		return
	}
	level := slog.LevelWarn
	if f.Kind == fault.Internal {
		level = slog.LevelError
	}
	a.log.LogAttrs(ctx, level, "request failed", slog.String("kind", f.Kind.String()), slog.Any("error", err))
}

// refusalOf turns what Huma itself refuses (a parameter or a body of the wrong
// type) into our problem. It names the place, never the value: values may be
// secrets, and are the caller's to know.
func refusalOf(m *huma.ErrorModel) wire.Problem {
	kind := fault.Invalid
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		kind = fault.TooLarge
	case http.StatusRequestTimeout:
		kind = fault.Timeout
	case http.StatusInternalServerError:
		kind = fault.Internal
	}
	f := &fault.Error{Kind: kind}
	if kind == fault.Invalid {
		f.Message = "The request is not valid: " + m.Detail + "."
		if len(m.Errors) > 0 {
			f.Subject = m.Errors[0].Location
			f.Message = "The request is not valid: " + m.Errors[0].Location + ": " + m.Errors[0].Message + "."
		}
	}
	return problemOf(f).Problem
}
