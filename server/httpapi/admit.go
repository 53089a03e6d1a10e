package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/visitor"
)

// caller is who calls, with what the terminal's environment says of providers.
type caller struct {
	identity.Principal
	env map[string]string

	// inPerson says that a session was shown, no personal access token.
	inPerson bool

	// address is the IP address that the request comes from; empty: none.
	address string
}

// chooses is who asks the directory of models.
func (c *caller) chooses() provider.Caller {
	return provider.Caller{Env: c.env, Local: c.Local, DefaultModel: c.DefaultModel, Account: c.Account, User: c.User}
}

type (
	callerKey   struct{}
	localKey    struct{}
	operatorKey struct{}
)

// LocalContext marks the connections of a listener as the owner's own. Only a
// listener that lets nobody else connect may be given it, as its server's
// BaseContext: whoever calls over it acts as the local owner.
func LocalContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, localKey{}, true)
}

func isLocal(ctx context.Context) bool { return ctx.Value(localKey{}) != nil }

// OperatorContext marks the connections of a listener as those of the user who
// runs the server. It is given like LocalContext: whoever calls over it may use
// the routes under /admin, and no others as anybody in particular.
func OperatorContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, operatorKey{}, true)
}

func isOperator(ctx context.Context) bool { return ctx.Value(operatorKey{}) != nil }

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
	if err := a.letIn(c, r); err != nil {
		return err
	}
	if r.body > 0 {
		return takeBody(c, r.body)
	}
	return nil
}

// letIn decides whether the caller may use the route at all, and remembers who
// it is.
func (a *API) letIn(c *gin.Context, r *row) error {
	ctx := c.Request.Context()
	switch {
	case r.access == anybody:
		return nil
	case r.access == operator && isOperator(ctx):
		return nil
	case r.access == operator:
		return errNoPath // as if there were none: it is nobody else's business
	case r.access == localOnly && !isLocal(ctx):
		return fault.New(fault.Forbidden, "Only the owner of a local server may do that.")
	}
	who, err := a.identify(c.Request)
	if err == nil {
		err = r.allows(who)
	}
	if err != nil {
		c.Header("WWW-Authenticate", challenge(c.Request, r, err))
		return err
	}
	c.Request = c.Request.WithContext(context.WithValue(ctx, callerKey{}, who))
	return nil
}

// allows says whether the route is for such a caller.
func (r *row) allows(who caller) error {
	switch {
	case !who.May(r.scope):
		return &fault.Error{Kind: fault.Forbidden, Subject: r.scope.String(),
			Message: "This token does not allow that: it was made without the scope " + r.scope.String() + "."}
	case r.inPerson && !who.inPerson && !who.Local:
		return fault.New(fault.Forbidden, "A token may not do that: sign in and do it yourself.")
	case !who.Role.AtLeast(r.least):
		return fault.New(fault.Forbidden, "Your role in this account is %s, and this takes %s.", who.Role, r.least)
	}
	return nil
}

// challenge says what a bearer token would have to be (RFC 6750, section 3);
// empty: nothing more than that one is wanted.
func challenge(r *http.Request, to *row, err error) string {
	switch f := fault.Of(err); {
	case f.Kind == fault.Unauthenticated && r.Header.Get("Authorization") != "":
		return bearerInvalid
	case f.Kind == fault.Forbidden && to.scope != 0 && f.Subject == to.scope.String():
		return bearerRealm + `, error="insufficient_scope", scope="` + to.scope.String() + `"`
	}
	return ""
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
	who, err := a.authenticate(r)
	if err != nil {
		return caller{}, err
	}
	if account := r.Header.Get(wire.HeaderAccount); account != "" && account != string(who.Account) {
		return caller{}, fault.New(fault.NotFound, "There is no such account here.")
	}
	who.env, err = providerEnv(r, who.Principal)
	return who, err
}

func (a *API) authenticate(r *http.Request) (caller, error) {
	if isLocal(r.Context()) {
		p, err := a.owner.get(r.Context(), a.Users)
		return caller{Principal: p}, err
	}
	scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || bearer == "" {
		return caller{}, fault.New(fault.Unauthenticated, "Please sign in: this server wants a bearer token.")
	}
	from := seen(r)
	p, err := a.Authenticator.Authenticate(r.Context(), bearer, from)
	return caller{Principal: p, inPerson: identity.AccessToken.Plausible(bearer), address: from.Address}, err
}

// seen is from where and with what a request comes, in its own words.
func seen(r *http.Request) identity.Seen {
	return identity.Seen{Address: visitor.Address(r), Client: oneLine(r.UserAgent(), longestClient)}
}

// longestClient bounds what a program says of itself, in bytes.
const longestClient = 100

// oneLine makes text of a stranger's fit to be stored and shown: one line of
// printable characters, cut to so many bytes.
func oneLine(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	for len(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
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

func (o *localOwner) get(ctx context.Context, store identity.Users) (identity.Principal, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.known {
		u, err := store.LocalOwner(ctx)
		if err != nil {
			return identity.Principal{}, err
		}
		o.user, o.known = u, true
	}
	return identity.Principal{User: o.user.ID, Account: o.user.Account, Role: identity.Owner, Local: true,
		DefaultModel: o.user.DefaultModel}, nil
}

// forget has the next request ask the store again: the owner's profile has
// changed.
func (o *localOwner) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known = false
}
