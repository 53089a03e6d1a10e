package server

import (
	"net"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/signin"
)

// newGrants makes what lets programs in, and knows who shows a token.
func (s *Server) newGrants(o Options) *signin.Grants {
	g := o.Grants
	ids := s.db.Identities()
	g.Store, g.Sessions, g.Tokens, g.Audit = s.db.SignIn(), ids, ids, s.audit
	g.Clients = []string{wire.ClientID}
	g.Ended = func(ids ...string) { s.api.End(ids...) }
	g.AccessLifetime, g.IdleLifetime, g.SessionLifetime = s.config.AccessLifetime, s.config.SessionIdle, s.config.SessionLifetime
	g.Logger = o.Logger
	return signin.NewGrants(g)
}

// openDoors adds the doors by which people and programs sign in, where the
// server has an address to be reached at.
func (s *Server) openDoors(o Options) {
	url := s.config.PublicURL()
	if url == "" {
		return
	}
	s.house.oauth = oauth.New(oauth.Options{Grants: s.grants, URL: url, Logger: o.Logger})
}

// PublicURL is the address that people and programs know the server by, without
// a slash at the end. It is empty, and nobody can sign in, where none is set and
// the listener can be reached from other machines: credentials do not travel in
// the clear unless the operator has said so, by an http:// address of their own.
func (c *Config) PublicURL() string {
	if c.URL != "" {
		return strings.TrimRight(c.URL, "/")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || !loopback(host) {
		return ""
	}
	return "http://" + c.Listen
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
