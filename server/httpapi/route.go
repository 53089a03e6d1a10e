package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/server/identity"
)

// row is one route of the table.
type row struct {
	method, path string

	// id names the operation in the document; summary says what it does.
	id, summary string

	access access

	// scope is what a session or token must allow, least the role that its user
	// must have in the account; both are asked where access is signedIn. No scope:
	// any will do.
	scope identity.Scopes
	least identity.Role

	// inPerson says that a personal access token will not do.
	inPerson bool

	// body limits the request's body; zero: it takes none.
	body int64

	// status is that of success; zero: 200.
	status int

	mount func(*API, row)
}

// access says who may call.
type access uint8

const (
	signedIn  access = iota // a session's or token's user, or the owner of a local socket
	anybody                 // no sign-in
	localOnly               // the owner of a local socket
	operator                // the user who runs the server, over the admin socket
)

// operation describes the row in the document.
func (r row) operation() huma.Operation {
	op := huma.Operation{
		OperationID:      r.id,
		Method:           r.method,
		Path:             r.path,
		Summary:          r.summary,
		Tags:             []string{tagOf(r.path)},
		DefaultStatus:    r.status,
		SkipValidateBody: true,                 // our own decoder and the nouns' rules do it
		MaxBodyBytes:     max(1, r.body)*2 + 1, // takeBody has counted already
	}
	op.Description = r.forWhom()
	if r.access == signedIn {
		op.Security = []map[string][]string{{"token": strings.Fields(r.scope.String())}}
	}
	return op
}

// forWhom says in words who may call.
func (r row) forWhom() string {
	switch r.access {
	case anybody:
		return "No sign-in."
	case localOnly:
		return "Only over the Unix socket of a local server."
	case operator:
		return "Only over the admin socket, for the user who runs the server."
	}
	words := "Any scope."
	if r.scope != 0 {
		words = "Scope: " + r.scope.String() + "."
	}
	if r.inPerson {
		words += " No personal access token."
	}
	if r.least != identity.Member {
		words += " Least role in the account: " + string(r.least) + "."
	}
	return words
}

// tagOf groups the operations by the path's first word.
func tagOf(path string) string {
	if strings.HasPrefix(path, "/admin/") {
		return "admin"
	}
	rest, ok := strings.CutPrefix(path, "/api/v1/")
	if !ok {
		return "service"
	}
	word, _, _ := strings.Cut(rest, "/")
	return word
}

// answer is what Huma wants around a body.
type answer[T any] struct{ Body T }

// with mounts a handler that answers with JSON.
func with[I, O any](handle func(*API, context.Context, caller, *I) (O, error)) func(*API, row) {
	return func(a *API, r row) {
		huma.Register(a.huma, r.operation(), func(ctx context.Context, in *I) (*answer[O], error) {
			body, err := handle(a, ctx, callerOf(ctx), in)
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			return &answer[O]{body}, nil
		})
	}
}

// withNothing mounts a handler that answers with its success alone: 204.
func withNothing[I any](handle func(*API, context.Context, caller, *I) error) func(*API, row) {
	return func(a *API, r row) {
		r.status = http.StatusNoContent
		huma.Register(a.huma, r.operation(), func(ctx context.Context, in *I) (*struct{}, error) {
			if err := handle(a, ctx, callerOf(ctx), in); err != nil {
				return nil, a.refuse(ctx, err)
			}
			return nil, nil
		})
	}
}

// plain mounts a handler that writes its answer itself; describe completes the
// operation by hand.
func plain(handle func(*API, *gin.Context), describe func(*API, *huma.Operation)) func(*API, row) {
	return func(a *API, r row) {
		a.engine.Handle(r.method, ginPath(r.path), func(c *gin.Context) {
			handle(a, c)
		})
		op := r.operation()
		describe(a, &op)
		a.huma.OpenAPI().AddOperation(&op)
	}
}
