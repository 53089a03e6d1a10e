package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/identity/remote"
	"github.com/aichat-term/aichat/server/signin"
)

// user is what we read of GET /user.
type user struct {
	ID     int64  `json:"id"`
	Login  string `json:"login"`
	Name   string `json:"name"` // null where none is set
	Avatar string `json:"avatar_url"`
}

// address is one of GET /user/emails.
type address struct {
	Email    string `json:"email"`
	Primary  bool   `json:"primary"`
	Verified bool   `json:"verified"`
}

// person is who it is. The address that a profile shows is the person's own
// word; only the list of addresses says which are verified.
func (p *Provider) person(who user, addresses []address) (signin.Person, error) {
	if who.ID <= 0 {
		return signin.Person{}, remote.Refused(p.o.Title, errors.New("a user without an id"))
	}
	e := identity.External{Issuer: p.o.Home, Subject: strconv.FormatInt(who.ID, 10)}
	if i := slices.IndexFunc(addresses, func(a address) bool { return a.Primary && a.Verified }); i >= 0 {
		e.Email, e.EmailVerified = addresses[i].Email, addresses[i].Email != ""
	}
	return signin.Person{External: e, Name: cmp.Or(who.Name, who.Login), AvatarURL: who.Avatar}, nil
}

// get asks the REST API.
func (p *Provider) get(ctx context.Context, token *oauth2.Token, path string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.api+path, nil)
	if err != nil {
		return remote.Misconfigured(p.o.Title, err)
	}
	r.Header.Set("Accept", "application/vnd.github+json")
	r.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	r.Header.Set("User-Agent", "aichat-server") // without one it answers 403
	token.SetAuthHeader(r)
	resp, err := p.client.Do(r)
	if err != nil {
		return remote.Away(p.o.Title, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if resp.StatusCode != http.StatusOK {
		return p.refusal(resp.StatusCode, path)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return remote.Refused(p.o.Title, fmt.Errorf("GET %s: %w", path, err))
	}
	return nil
}

// refusal is what a status means. 403 is also how GitHub limits rates, and 404
// how it says that the person did not grant the scope.
func (p *Provider) refusal(status int, path string) error {
	err := fmt.Errorf("GET %s: status %d", path, status)
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusForbidden {
		return remote.Away(p.o.Title, err)
	}
	return remote.Refused(p.o.Title, err)
}
