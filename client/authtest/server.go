package authtest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// Server is an aichat server as far as signing in goes. Its exported fields are
// set before it is used. It is safe for concurrent use.
type Server struct {
	URL string // what it calls itself, and what is below it

	Now      func() time.Time
	Interval time.Duration // of a device code, at first
	Life     time.Duration // of a device code
	Access   time.Duration // of an access token
	Grace    time.Duration // in which a used refresh token is a retry

	// Metadata changes what the server says of itself; nil: nothing.
	Metadata func(map[string]any)

	// Fault answers in the server's place where it returns true; nil: never.
	// An answer that panics with http.ErrAbortHandler is none.
	Fault func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	devices  map[string]*device  // by device code
	sessions map[string]*session // by id
	pats     map[string]string   // personal access tokens, to their names
	counts   Counts
	serial   int
	served   *httptest.Server
}

// Counts is what was asked of a Server.
type Counts struct {
	Devices, Polls, TooSoon, Refreshes, Revoked int
	Misuse                                      []string // what no client may do
}

type device struct {
	userCode, name, scope string
	interval              time.Duration
	expires, polled       time.Time
	state                 string // "", "approved", "denied", "claimed"
}

type session struct {
	id, device, scope string
	access            string
	accessEnds        time.Time
	refresh           string
	used              map[string]time.Time // earlier refresh tokens, and when each was exchanged
	ended             bool
	created           time.Time
}

// New is a server with that address, which need not exist: see Transport.
func New(address string) *Server {
	return &Server{
		URL: address, Now: time.Now, Interval: 5 * time.Second, Life: 10 * time.Minute,
		Access: 15 * time.Minute, Grace: 30 * time.Second,
		devices: map[string]*device{}, sessions: map[string]*session{}, pats: map[string]string{},
	}
}

// Listen serves on loopback and sets URL. The caller closes it.
func (s *Server) Listen() *Server {
	s.served = httptest.NewUnstartedServer(s)
	s.URL = "http://" + s.served.Listener.Addr().String() // before anybody asks for it
	s.served.Start()
	return s
}

// Close ends a Listen.
func (s *Server) Close() {
	s.served.CloseClientConnections()
	s.served.Close()
}

// Transport leads to the server without a network.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ s *Server }

func (t transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, errors.New("the connection broke")
		default:
			panic(cause)
		}
	}()
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	t.s.ServeHTTP(w, in)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}

// Counts is what was asked so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Misuse = slices.Clone(c.Misuse)
	return c
}

// Decide approves or denies the request with that user code, as the person does
// on the page; empty means the only one that is pending. It returns false where
// there is none.
func (s *Server) Decide(userCode string, approve bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		if (userCode == "" || d.userCode == userCode) && d.state == "" {
			d.state = "denied"
			if approve {
				d.state = "approved"
			}
			return true
		}
	}
	return false
}

// End ends all sessions.
func (s *Server) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.sessions {
		one.ended = true
	}
}

// Expire makes the access tokens end now, and leaves their sessions.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.sessions {
		one.accessEnds = s.Now()
	}
}

// Overtake makes all codes expire now.
func (s *Server) Overtake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		d.expires = s.Now()
	}
}

// Live counts the sessions that have not ended.
func (s *Server) Live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, one := range s.sessions {
		if !one.ended {
			n++
		}
	}
	return n
}

// AddToken makes a personal access token.
func (s *Server) AddToken(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := "aichat_pat_" + s.random()
	s.pats[token] = name
	return token
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Fault != nil && s.Fault(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case wire.PathMetadata:
		s.metadata(w)
	case wire.PathDeviceCode:
		s.form(w, r, s.device, wire.FieldDeviceName, wire.FieldClientVersion, "scope")
	case wire.PathOAuthToken:
		s.form(w, r, s.token, "grant_type", "device_code", "refresh_token")
	case wire.PathRevoke:
		s.form(w, r, s.revoke, "token", "token_type_hint")
	default:
		s.api(w, r)
	}
}

func (s *Server) metadata(w http.ResponseWriter) {
	m := map[string]any{
		"issuer": s.URL, "device_authorization_endpoint": s.URL + wire.PathDeviceCode,
		"token_endpoint": s.URL + wire.PathOAuthToken, "revocation_endpoint": s.URL + wire.PathRevoke,
	}
	if s.Metadata != nil {
		s.Metadata(m)
	}
	reply(w, http.StatusOK, m)
}

// form checks all that a form of OAuth must be, and that it holds nothing but
// the fields named.
func (s *Server) form(w http.ResponseWriter, r *http.Request, then func(http.ResponseWriter, url.Values), fields ...string) {
	err := r.ParseForm()
	switch {
	case r.Method != http.MethodPost || err != nil || r.URL.RawQuery != "" ||
		r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		s.misuse(w, "no POST of a form: "+r.Method)
		return
	case r.Header.Get("Authorization") != "":
		s.misuse(w, "a public client has no credentials of its own to show")
		return
	case r.PostForm.Get("client_id") != wire.ClientID:
		refuse(w, http.StatusUnauthorized, wire.OAuthProblem{Error: wire.OAuthInvalidClient})
		return
	}
	for name, values := range r.PostForm {
		if name != "client_id" && !slices.Contains(fields, name) || len(values) != 1 {
			s.misuse(w, "the field "+name)
			return
		}
	}
	then(w, r.PostForm)
}

func (s *Server) misuse(w http.ResponseWriter, what string) {
	s.counts.Misuse = append(s.counts.Misuse, what)
	refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthInvalidRequest, Description: what})
}

func (s *Server) device(w http.ResponseWriter, form url.Values) {
	if form.Get(wire.FieldDeviceName) == "" || form.Get(wire.FieldClientVersion) == "" {
		s.misuse(w, "a device without name or version")
		return
	}
	s.counts.Devices++
	code := "dc_" + s.random()
	d := &device{
		userCode: s.userCode(), name: form.Get(wire.FieldDeviceName), scope: form.Get("scope"),
		interval: s.Interval, expires: s.Now().Add(s.Life),
	}
	s.devices[code] = d
	page := s.URL + wire.PathDevicePage
	reply(w, http.StatusOK, wire.DeviceCode{
		DeviceCode: code, UserCode: d.userCode, VerificationURI: page, VerificationURIComplete: page + "?user_code=" + d.userCode,
		ExpiresIn: int64(s.Life / time.Second), Interval: int64(s.Interval / time.Second),
	})
}

func (s *Server) token(w http.ResponseWriter, form url.Values) {
	switch form.Get("grant_type") {
	case wire.GrantDeviceCode:
		s.poll(w, form.Get("device_code"))
	case wire.GrantRefresh:
		s.refresh(w, form.Get("refresh_token"))
	default:
		s.misuse(w, "the grant type "+form.Get("grant_type"))
	}
}

// poll is RFC 8628, sections 3.4 and 3.5.
func (s *Server) poll(w http.ResponseWriter, code string) {
	s.counts.Polls++
	d, now := s.devices[code], s.Now()
	switch {
	case d == nil:
		refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthInvalidGrant})
		return
	case now.After(d.expires):
		refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthExpiredToken})
		return
	case !d.polled.IsZero() && now.Sub(d.polled) < d.interval:
		s.counts.TooSoon++
		d.interval, d.polled = d.interval+5*time.Second, now
		refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthSlowDown, Interval: int64(d.interval / time.Second)})
		return
	}
	d.polled = now
	switch d.state {
	case "approved":
		d.state = "claimed"
		s.open(w, d)
	case "denied":
		refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthAccessDenied})
	case "claimed":
		refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthInvalidGrant})
	default:
		refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthAuthorizationPending})
	}
}

func (s *Server) open(w http.ResponseWriter, d *device) {
	s.serial++
	one := &session{
		id: fmt.Sprintf("00000000-0000-7000-8000-%012d", s.serial), device: d.name, scope: d.scope,
		used: map[string]time.Time{}, created: s.Now(),
	}
	s.sessions[one.id] = one
	s.next(one)
	s.grant(w, one)
}

// next gives a session its next pair of tokens.
func (s *Server) next(one *session) {
	one.access, one.refresh = "aichat_at_"+s.random(), "aichat_rt_"+s.random()
	one.accessEnds = s.Now().Add(s.Access)
}

func (s *Server) grant(w http.ResponseWriter, one *session) {
	reply(w, http.StatusOK, wire.TokenGrant{
		AccessToken: one.access, TokenType: "Bearer", ExpiresIn: int64(s.Access / time.Second),
		RefreshToken: one.refresh, Scope: one.scope, Session: one.id,
	})
}

// refresh rotates: a token that was used is a retry for a while, and afterwards
// the end of its session (RFC 9700, section 4.14.2).
func (s *Server) refresh(w http.ResponseWriter, token string) {
	s.counts.Refreshes++
	for _, one := range s.sessions {
		at, used := one.used[token]
		switch {
		case one.ended:
			continue
		case one.refresh == token:
			one.used[token] = s.Now()
			s.next(one)
			s.grant(w, one)
			return
		case used && s.Now().Sub(at) <= s.Grace:
			s.grant(w, one)
			return
		case used:
			one.ended = true
		}
	}
	refuse(w, http.StatusBadRequest, wire.OAuthProblem{Error: wire.OAuthInvalidGrant})
}

func (s *Server) revoke(w http.ResponseWriter, form url.Values) {
	for _, one := range s.sessions {
		if token := form.Get("token"); token != "" && (token == one.refresh || token == one.access) && !one.ended {
			one.ended = true
			s.counts.Revoked++
		}
	}
	w.WriteHeader(http.StatusOK)
}

func (s *Server) userCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	b := make([]byte, 8)
	_, _ = rand.Read(b) // it never fails
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b[:4]) + "-" + string(b[4:])
}

func (s *Server) random() string { return strings.ToLower(rand.Text()) }

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller may have gone
}

func refuse(w http.ResponseWriter, status int, p wire.OAuthProblem) { reply(w, status, p) }
