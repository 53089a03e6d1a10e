package oidc

import (
	"cmp"
	"encoding/json"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// claims are what we read of an ID token and of userinfo (OpenID Connect Core,
// section 5.1).
type claims struct {
	Subject         string `json:"sub"`
	AuthorizedParty string `json:"azp"`
	Name            string `json:"name"`
	Nickname        string `json:"nickname"`
	Username        string `json:"preferred_username"`
	Picture         string `json:"picture"`
	Locale          string `json:"locale"`
	Email           string `json:"email"`
	EmailVerified   truth  `json:"email_verified"`
}

// truth is a boolean that some providers write as text. Everything but a plain
// yes is no: an address that nobody vouches for opens nothing.
type truth bool

// UnmarshalJSON never fails.
func (t *truth) UnmarshalJSON(b []byte) error {
	var yes any
	_ = json.Unmarshal(b, &yes) // what cannot be read is no yes
	*t = yes == true || yes == "true"
	return nil
}

// filled takes from others what is missing. The address and whether it is
// verified come from one place, always.
func (c claims) filled(more claims) claims {
	if c.Email == "" {
		c.Email, c.EmailVerified = more.Email, more.EmailVerified
	}
	c.Name, c.Nickname = cmp.Or(c.Name, more.Name), cmp.Or(c.Nickname, more.Nickname)
	c.Username = cmp.Or(c.Username, more.Username)
	c.Picture, c.Locale = cmp.Or(c.Picture, more.Picture), cmp.Or(c.Locale, more.Locale)
	return c
}

// person is who it is. The issuer is the one that was configured, and checked:
// Google writes its own in two ways.
func (c claims) person(issuer string) signin.Person {
	return signin.Person{
		External: identity.External{
			Issuer: issuer, Subject: c.Subject,
			Email: c.Email, EmailVerified: bool(c.EmailVerified) && c.Email != "",
		},
		Name: cmp.Or(c.Name, c.Nickname, c.Username), AvatarURL: c.Picture, Locale: c.Locale,
	}
}
