package authtest

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
)

// api serves what somebody signed in may ask, as far as it is about signing in.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(wire.HeaderVersion, "0.1.0")
	one, ok := s.bearer(r)
	if !ok {
		decline(w, wire.Problem{Status: http.StatusUnauthorized, Code: wire.Unauthenticated, Detail: "Sign in first."})
		return
	}
	id, single := strings.CutPrefix(r.URL.Path, wire.PathSessions+"/")
	switch {
	case r.URL.Path == wire.PathMe && r.Method == http.MethodGet:
		reply(w, http.StatusOK, wire.Me{User: "u1", Name: "Ada", Email: "ada@example.com", Account: "a1", Role: "owner", Session: one.id, Scope: one.scope})
	case r.URL.Path == wire.PathSessions && r.Method == http.MethodGet:
		reply(w, http.StatusOK, s.list(one))
	case r.URL.Path == wire.PathSessions && r.Method == http.MethodDelete:
		for _, other := range s.sessions {
			other.ended = other.ended || other != one || r.URL.Query().Get("all") == "true"
		}
		w.WriteHeader(http.StatusNoContent)
	case single && r.Method == http.MethodDelete && s.sessions[id] != nil:
		s.sessions[id].ended = true
		w.WriteHeader(http.StatusNoContent)
	default:
		decline(w, wire.Problem{Status: http.StatusNotFound, Code: wire.NotFound, Detail: "There is nothing here."})
	}
}

// decline says why a request of the API is not served.
func decline(w http.ResponseWriter, p wire.Problem) {
	p.Title = http.StatusText(p.Status)
	w.Header().Set("Content-Type", wire.ProblemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller may have gone
}

// bearer is the session whose access token was shown; one of a personal access
// token has no id.
func (s *Server) bearer(r *http.Request) (*session, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, false
	}
	if _, ok := s.pats[token]; ok {
		return &session{}, true
	}
	for _, one := range s.sessions {
		if one.access == token && !one.ended && s.Now().Before(one.accessEnds) {
			return one, true
		}
	}
	return nil, false
}

func (s *Server) list(current *session) wire.SessionList {
	l := wire.SessionList{Sessions: []wire.Session{}}
	for _, one := range s.sessions {
		if !one.ended {
			l.Sessions = append(l.Sessions, wire.Session{
				ID: one.id, Client: wire.ClientID, Device: one.device, Scope: one.scope, Address: "192.0.2.1",
				CreatedAt: one.created, SeenAt: s.Now(), ExpiresAt: s.Now().Add(s.Access), Current: one == current,
			})
		}
	}
	return l
}
