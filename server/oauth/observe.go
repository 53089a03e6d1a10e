package oauth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/visitor"
)

// status remembers what was answered.
type status struct {
	http.ResponseWriter
	code int // 0: nothing yet
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter, for answers without a status of their
// own.
func (s *status) Write(b []byte) (int, error) {
	if s.code == 0 {
		s.code = http.StatusOK
	}
	return s.ResponseWriter.Write(b)
}

// Unwrap lets an http.ResponseController reach the connection.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// observe writes one line for each request and answers for a handler that
// panics. The line holds the route, not the address as it was asked for, and
// nothing of a form: whoever errs puts tokens anywhere.
func (d *Door) observe(route string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began, out := d.now(), &status{ResponseWriter: w}
		defer func() {
			if what := recover(); what != nil {
				d.broke(out, r, route, what)
			}
			d.log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelInfo, "request",
				slog.String("method", method(r)), slog.String("route", route), slog.Int("status", out.code),
				slog.Duration("duration", d.now().Sub(began)), slog.String("address", visitor.Address(r)))
		}()
		next(out, r)
	}
}

// broke answers for a handler that panicked, unless it has answered itself: then
// the connection is cut.
func (d *Door) broke(w *status, r *http.Request, route string, what any) {
	if err, ok := what.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	d.log.LogAttrs(r.Context(), slog.LevelError, "panic",
		slog.String("route", route), slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
	if w.code != 0 {
		panic(http.ErrAbortHandler)
	}
	out := refusalOf(&fault.Error{Kind: fault.Internal})
	reply(w, out.status, out.problem)
}

// method is the request's if there is one of that name: any text may stand
// there.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}
