package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// headerRequest carries the name that a request has in the log.
const headerRequest = "X-Request-Id"

// requestKey is the context's key of a request's name.
type requestKey struct{}

// nameRequests gives every request a name, which its answer tells and which stands on
// each line of the log that is about it.
func nameRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strings.ToLower(rand.Text()[:16])
		w.Header().Set(headerRequest, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

// bodyTime is how long a body may take that no door asks for. Doors that read one
// give it a time of their own.
const bodyTime = 30 * time.Second

// boundBodies lets nobody keep a connection by a body that never comes: a handler
// that refuses a request without reading it has net/http wait for the rest, for
// ever. There is no such limit for the whole server, since it would end the
// streams that follow a body.
func boundBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // a connection of net/http has deadlines
		}
		next.ServeHTTP(w, r)
	})
}

// logRequests writes one line for each request of a door that does not do so
// itself: the pattern that its path fits, never the path or the query, which may
// hold what signs somebody in.
func logRequests(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, answer := time.Now(), &answer{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			_, route, _ := strings.Cut(r.Pattern, " ") // http.ServeMux has noted it
			if route == "" {
				route = r.Pattern
			}
			log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelInfo, "request",
				slog.String("method", knownMethod(r.Method)), slog.String("route", route),
				slog.Int("status", answer.status), slog.Duration("duration", time.Since(began)))
		}()
		next.ServeHTTP(answer, r)
	})
}

// knownMethod is a method if it is one that HTTP knows: anything else is a
// stranger's text.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// answer remembers the status of what is written.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// requestLog adds the name of the request that a line is about.
type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h requestLog) WithGroup(name string) slog.Handler {
	return requestLog{h.Handler.WithGroup(name)}
}
