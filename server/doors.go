package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/httpapi"
)

// Door is a listener and whose connections it takes.
type Door struct {
	net.Listener

	// Local says that only the machine's own user can connect: requests act as
	// the local owner and need no token.
	Local bool

	// Operator says that only the user who runs the server can connect: the
	// operator's API is served here, and nowhere else.
	Operator bool
}

// context marks a door's connections as whose they are.
func (d Door) context() context.Context {
	ctx := context.Background()
	if d.Local {
		ctx = httpapi.LocalContext(ctx)
	}
	if d.Operator {
		ctx = httpapi.OperatorContext(ctx)
	}
	return ctx
}

// house is all that answers behind a listener: which door a request is for is
// said by its path.
type house struct {
	api http.Handler

	// oauth serves what programs sign in by, web what people see in a browser;
	// nil: not served, as on a local server.
	oauth, web http.Handler

	open atomic.Int64 // requests that are being answered
}

// ServeHTTP implements http.Handler.
func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.open.Add(1)
	defer h.open.Add(-1)
	h.door(r.URL.Path).ServeHTTP(w, r)
}

// door is whose a path is. What is nobody's goes to the pages, since it is most
// likely a person who mistyped.
func (h *house) door(path string) http.Handler {
	switch {
	case h.oauth != nil && (strings.HasPrefix(path, "/oauth/") || path == wire.PathMetadata):
		return h.oauth
	case h.web != nil && !ofAPI(path):
		return h.web
	}
	return h.api
}

// ofAPI reports whether a path is the API's.
func ofAPI(path string) bool {
	switch path {
	case wire.PathHealth, wire.PathReady, wire.PathOpenAPI, wire.PathDocs:
		return true
	}
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/admin/") || strings.HasPrefix(path, "/v1/")
}
