package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// caller is who calls, with what the terminal's environment says of providers.
type caller struct {
	identity.Principal
	env map[string]string
}

type (
	callerKey struct{}
	localKey  struct{}
)

// LocalContext marks the connections of a listener as the owner's own. Only a
// listener that lets nobody else connect may be given it, as its server's
// BaseContext: whoever calls over it acts as the local owner.
func LocalContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, localKey{}, true)
}

func isLocal(ctx context.Context) bool { return ctx.Value(localKey{}) != nil }

// Identities is what the door asks of the store of users and tokens.
type Identities interface {
	LocalOwner(ctx context.Context) (identity.User, error)
	Users(ctx context.Context) ([]identity.User, error)
	TokenByHash(ctx context.Context, hash []byte, now time.Time) (identity.Token, identity.Principal, error)
}

// callerOf is who admit has let in; the zero caller where anybody is.
func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// admit decides whether a request is served before anything else of it is
// looked at, and reads its body if it is.
func (a *API) admit(c *gin.Context) {
	a.sayVersions(c.Writer.Header())
	r := a.rows[place{c.Request.Method, c.FullPath()}]
	if r == nil {
		return // no such route: the engine's own handler says so
	}
	if err := a.admitTo(c, r); err != nil {
		a.fail(c, err)
	}
}

func (a *API) admitTo(c *gin.Context, r *row) error {
	if err := a.checkVersion(c.Request); err != nil {
		return err
	}
	if r.access != anybody {
		who, err := a.identify(c.Request)
		if err != nil {
			return err
		}
		if r.access == localOnly && !who.Local {
			return fault.New(fault.Forbidden, "Only the owner of a local server may do that.")
		}
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callerKey{}, who))
	}
	if r.body > 0 {
		return takeBody(c, r.body)
	}
	return nil
}

func (a *API) sayVersions(h http.Header) {
	h.Set(wire.HeaderVersion, a.Version)
	if a.MinClient != "" {
		h.Set(wire.HeaderMinClient, a.MinClient)
	}
}

// checkVersion refuses a client that says it is too old; one that says nothing
// is welcome. Whether the server is too old is the client's to judge, by the
// header that every answer has.
func (a *API) checkVersion(r *http.Request) error {
	theirs := r.Header.Get(wire.HeaderVersion)
	if theirs != "" && a.MinClient != "" && a.Older(theirs, a.MinClient) {
		return fault.New(fault.ClientTooOld, "This client is too old for the server, which wants at least version %s; please update it.", a.MinClient)
	}
	return nil
}

// identify finds out who calls, on which account.
func (a *API) identify(r *http.Request) (caller, error) {
	p, err := a.principal(r)
	if err != nil {
		return caller{}, err
	}
	if account := r.Header.Get(wire.HeaderAccount); account != "" && account != string(p.Account) {
		return caller{}, fault.New(fault.NotFound, "There is no such account here.")
	}
	env, err := providerEnv(r, p)
	return caller{Principal: p, env: env}, err
}

func (a *API) principal(r *http.Request) (identity.Principal, error) {
	if isLocal(r.Context()) {
		return a.owner.get(r.Context(), a.Identity)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !identity.PersonalToken.Plausible(token) {
		return identity.Principal{}, fault.New(fault.Unauthenticated, "Please sign in: this server wants a bearer token.")
	}
	_, p, err := a.Identity.TokenByHash(r.Context(), identity.Hash(token), a.Now())
	return p, err
}

// providerEnv reads the terminal's provider variables, which the local owner
// alone may send: to anybody else's server a key must not travel by accident.
func providerEnv(r *http.Request, p identity.Principal) (map[string]string, error) {
	text := r.Header.Get(wire.HeaderProviderKeys)
	if text == "" {
		return nil, nil
	}
	if !p.Local {
		return nil, &fault.Error{Kind: fault.Forbidden, Subject: wire.HeaderProviderKeys,
			Message: "Provider keys are taken over a local server's socket only."}
	}
	var env wire.ProviderEnv
	if err := json.Unmarshal([]byte(text), &env); err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Subject: wire.HeaderProviderKeys,
			Message: "The header with the provider variables must be a JSON object of strings."}
	}
	for name := range env {
		if !slices.Contains(wire.ProviderVariables, name) {
			delete(env, name)
		}
	}
	return env, nil
}

// localOwner remembers the owner of the socket once the store has named it.
type localOwner struct {
	mu    sync.Mutex
	known bool
	user  identity.User
}

func (o *localOwner) get(ctx context.Context, store Identities) (identity.Principal, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.known {
		u, err := store.LocalOwner(ctx)
		if err != nil {
			return identity.Principal{}, err
		}
		o.user, o.known = u, true
	}
	return identity.Principal{User: o.user.ID, Account: o.user.Account, Role: identity.Owner, Local: true}, nil
}
