package httpapi

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

var errNoPath = fault.New(fault.NotFound, "There is nothing at this path; see %s.", wire.PathDocs)

func newEngine(a *API) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.HandleMethodNotAllowed = true
	e.ForwardedByClientIP = false
	e.Use(a.observe, a.admit)
	e.NoRoute(func(c *gin.Context) {
		a.fail(c, errNoPath)
	})
	e.NoMethod(func(c *gin.Context) {
		// The one answer whose status no kind has: the method is at fault, not
		// what is sent with it (RFC 9110 section 15.5.6).
		p := problemOf(fault.New(fault.Invalid, "This path does not take %s.", strings.ToUpper(method(c.Request)))).Problem
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		writeProblem(c, p)
	})
	return e
}

// method is the request's method if it is one that HTTP knows: anything else is
// a stranger's text.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "that method"
}

func newHuma(a *API) huma.API {
	config := huma.Config{
		OpenAPI:       newDocument(a.Version),
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{refusals},
	}
	api := humagin.New(a.engine, config)
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { next(ourStatuses{ctx}) })
	return api
}

var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	Unmarshal: decode,
}

// refusals replaces what Huma says of a refused request by our problem.
func refusals(_ huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		return refusalOf(m), nil
	}
	return v, nil
}

// ourStatuses answers with the statuses of our table where Huma finds a request
// invalid in finer ways.
type ourStatuses struct{ humaContext }

// humaContext is embedded under a name of its own, because a huma.Context has a
// method of that name.
type humaContext huma.Context

func (s ourStatuses) SetStatus(status int) {
	switch status {
	case http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		status = http.StatusBadRequest
	case http.StatusRequestTimeout:
		status = http.StatusGatewayTimeout
	}
	s.humaContext.SetStatus(status)
}

// ginPath writes a path's parameters as Gin does.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
