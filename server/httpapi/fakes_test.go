package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/turn"
)

// Ids that the tests use.
const (
	aUser    = "019a0000-0000-7000-8000-000000000001"
	bUser    = "019a0000-0000-7000-8000-000000000003"
	anAcct   = "019a0000-0000-7000-8000-000000000002"
	aConv    = "019a0000-0000-7000-8000-000000000010"
	bConv    = "019a0000-0000-7000-8000-000000000011"
	aTurn    = "019a0000-0000-7000-8000-000000000020"
	bTurn    = "019a0000-0000-7000-8000-000000000021"
	aMessage = "019a0000-0000-7000-8000-000000000030"
	aSession = "019a0000-0000-7000-8000-000000000040"
	bSession = "019a0000-0000-7000-8000-000000000041"
	aToken   = "019a0000-0000-7000-8000-000000000050"
	bToken   = "019a0000-0000-7000-8000-000000000051"
	unknown  = "019a0000-0000-7000-8000-0000000000ff"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// world is an API over fakes, on loopback.
type world struct {
	t     *testing.T
	api   *httpapi.API
	url   string
	token string // an access token of a session's
	log   *logBuffer

	identity *identities
	entrance *entrance
	jobs     *jobs
	store    *conversations
	turns    *turns
	models   *models
	changes  *changes
	limits   *fakeLimits
	books    *books
	opinions *opinions
	counters *fakeCounters
	keys     *fakeKeys
}

func newWorld(t *testing.T, change ...func(*httpapi.Options)) *world {
	t.Helper()
	w := &world{
		t: t, token: identity.AccessToken.New(), log: &logBuffer{},
		identity: newIdentities(),
		entrance: &entrance{},
		jobs:     &jobs{byID: map[int64]job.Entry{}},
		store:    &conversations{byID: map[conversation.ID]conversation.Conversation{}},
		turns:    &turns{feeds: map[turn.ID]func(after int64) turn.Feed{}},
		models:   &models{},
		changes:  &changes{revisions: make(chan int64, 8)},
		limits:   &fakeLimits{plan: map[identity.AccountID]string{}},
		books:    &books{},
		opinions: &opinions{rated: map[identity.UserID]conversation.Rating{}},
		counters: &fakeCounters{},
		keys:     newFakeKeys(),
	}
	w.identity.credentials[w.token] = identity.Principal{
		User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.AllScopes, Session: aSession,
	}
	o := httpapi.Options{
		Authenticator: w.identity, Users: w.identity, Externals: w.identity, Tokens: w.identity, Sessions: w.identity,
		Browsers: w.identity, Audit: w.identity, Entrance: w.entrance, Jobs: w.jobs, TestMail: testMail, Conversations: w.store, Turns: w.turns, Models: w.models, Changes: w.changes, Limits: w.limits, Plans: w.limits, Catalogue: catalogue{w.models},
		Usage: w.books, Counters: w.counters, Ratings: w.opinions,
		Keys: w.keys, ListModels: listed(nil, "m"), Reach: reach{},
		Ready:   func(context.Context) error { return nil },
		Version: "1.2.3", MinClient: "1.0.0",
		Older:  func(a, b string) bool { return version.Compare(a, b) < 0 },
		Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
	for _, f := range change {
		f(&o)
	}
	w.api = httpapi.New(o)
	srv := httptest.NewServer(w.api)
	t.Cleanup(srv.Close)
	t.Cleanup(w.api.CloseStreams)
	w.url = srv.URL
	return w
}

// call sends a request with the token; headers are name, value pairs.
func (w *world) call(method, path, body string, headers ...string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func (w *world) read(resp *http.Response) string {
	w.t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// The contracts under names that are not those of their methods.
type (
	usersStore     identity.Users
	externalsStore identity.Externals
	tokensStore    identity.Tokens
	sessionsStore  identity.Sessions
)

// identities is a fake of who there is: credentials by their text. What it does
// not override is not called.
type identities struct {
	usersStore
	externalsStore
	tokensStore
	sessionsStore

	mu          sync.Mutex
	credentials map[string]identity.Principal
	seen        identity.Seen // by the last Authenticate
	user        identity.User // whom the credentials are of
	users       []identity.User
	filter      identity.EventFilter // of the last Events
	externals   []identity.External
	tokens      []identity.Token
	sessions    []identity.Session
	browsers    int // users whose browsers were signed out
	events      []identity.Event
	cannot      error // what Record fails with
}

func newIdentities() *identities {
	return &identities{
		credentials: map[string]identity.Principal{},
		user:        identity.User{ID: aUser, Name: "Ada L.", Account: anAcct, Email: "ada@example.com", CreatedAt: noon},
		externals:   []identity.External{{Issuer: "https://id.example.com", Subject: "7", User: aUser, Email: "ada@example.com", CreatedAt: noon, UsedAt: noon}},
		sessions: []identity.Session{
			{ID: aSession, User: aUser, Client: "aichat-cli", Scopes: identity.AllScopes, Device: "laptop", Version: "aichat 1.2.3", Address: "192.0.2.7",
				CreatedAt: noon, SeenAt: noon, IdleUntil: noon.AddDate(0, 0, 30), ExpiresAt: noon.AddDate(0, 0, 180)},
			{ID: bSession, User: aUser, Client: "aichat-cli", Scopes: identity.AllScopes, Device: "server",
				CreatedAt: noon, SeenAt: noon, IdleUntil: noon.AddDate(0, 0, 30), ExpiresAt: noon.AddDate(0, 0, 20)},
		},
	}
}

func (s *identities) Authenticate(_ context.Context, bearer string, seen identity.Seen) (identity.Principal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
	p, ok := s.credentials[bearer]
	if !ok {
		return identity.Principal{}, &fault.Error{Kind: fault.Unauthenticated}
	}
	return p, nil
}

func (s *identities) LocalOwner(context.Context) (identity.User, error) {
	return identity.User{ID: aUser, Account: anAcct, Name: "me", Local: true}, nil
}

func (s *identities) User(_ context.Context, id identity.UserID) (identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range append(s.users, s.user) {
		if u.ID == id {
			return u, nil
		}
	}
	return identity.User{}, &fault.Error{Kind: fault.NotFound}
}

func (s *identities) ChangeProfile(_ context.Context, _ identity.UserID, c identity.ProfileChange) (identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&s.user.Name, c.Name)
	set(&s.user.AvatarURL, c.AvatarURL)
	set(&s.user.Locale, c.Locale)
	set(&s.user.TimeZone, c.TimeZone)
	set(&s.user.DefaultModel, c.DefaultModel)
	return s.user, nil
}

func (s *identities) DeleteUser(_ context.Context, id identity.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.user.ID == id {
		s.user = identity.User{}
	}
	s.users = slices.DeleteFunc(s.users, func(u identity.User) bool { return u.ID == id })
	return nil
}

func (s *identities) ExternalsOf(context.Context, identity.UserID) ([]identity.External, error) {
	return s.externals, nil
}

func (s *identities) Unlink(_ context.Context, _ identity.UserID, issuer, subject string) error {
	if issuer != s.externals[0].Issuer || subject != s.externals[0].Subject {
		return &fault.Error{Kind: fault.NotFound}
	}
	return nil
}

func (s *identities) AddToken(_ context.Context, t identity.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.tokens, func(o identity.Token) bool { return o.ID == t.ID }) {
		return &fault.Error{Kind: fault.IDConflict}
	}
	s.tokens = append(s.tokens, t)
	return nil
}

func (s *identities) Tokens(context.Context, identity.UserID) ([]identity.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens), nil
}

func (s *identities) Sessions(context.Context, identity.UserID, time.Time) ([]identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sessions), nil
}

func (s *identities) RevokeToken(_ context.Context, _ identity.UserID, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.tokens {
		if s.tokens[i].ID == id {
			s.tokens[i].RevokedAt = at
			return nil
		}
	}
	return &fault.Error{Kind: fault.NotFound}
}

func (s *identities) RevokeSession(_ context.Context, _ identity.UserID, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.sessions {
		if s.sessions[i].ID == id {
			s.sessions[i].RevokedAt = at
			return nil
		}
	}
	return &fault.Error{Kind: fault.NotFound}
}

func (s *identities) RevokeSessions(_ context.Context, _ identity.UserID, but string, at time.Time) (ended []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.sessions {
		if s.sessions[i].ID != but && s.sessions[i].RevokedAt.IsZero() {
			s.sessions[i].RevokedAt = at
			ended = append(ended, s.sessions[i].ID)
		}
	}
	return ended, nil
}

func (s *identities) RemoveBrowsers(context.Context, identity.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers++
	return nil
}

func (s *identities) Record(_ context.Context, e identity.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cannot == nil {
		s.events = append(s.events, e)
	}
	return s.cannot
}

// recorded takes the events that were recorded since it was called last.
func (s *identities) recorded() []identity.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.events
	s.events = nil
	return all
}

func (s *identities) Events(_ context.Context, f identity.EventFilter) ([]identity.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = f
	return slices.Clone(s.events), nil
}

func (s *identities) Users(context.Context) ([]identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]identity.User{s.user}, s.users...), nil
}

func (s *identities) UserNamed(_ context.Context, name string) (identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range append(s.users, s.user) {
		if u.Name == name {
			return u, nil
		}
	}
	return identity.User{}, &fault.Error{Kind: fault.NotFound}
}

func (s *identities) CreateUser(_ context.Context, u identity.User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = append(s.users, u)
	return nil
}

func (s *identities) SetServerAdmin(_ context.Context, _ identity.UserID, admin bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !admin {
		return &fault.Error{Kind: fault.Invalid, Message: "This is the only server admin."}
	}
	s.user.ServerAdmin = admin
	return nil
}

// entrance is a fake of who lets people in, which never writes letters.
type entrance struct {
	mu      sync.Mutex
	invited []signin.Invitation
}

func (e *entrance) Invite(_ context.Context, i signin.Invitation) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.invited = append(e.invited, i)
	return true, nil
}

func (e *entrance) Invitations(context.Context) ([]signin.Invitation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.invited), nil
}

func (e *entrance) Uninvite(_ context.Context, mailbox string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := len(e.invited)
	e.invited = slices.DeleteFunc(e.invited, func(i signin.Invitation) bool { return i.Mailbox == mailbox })
	if len(e.invited) == before {
		return &fault.Error{Kind: fault.NotFound}
	}
	return nil
}

func (e *entrance) SignInURL() string { return "https://chat.example.com/signin" }

func (e *entrance) OwnerLink(context.Context) (string, time.Time, error) {
	return "https://chat.example.com/owner?link=x", noon, nil
}

// conversations is a fake store of one account's conversations.
type conversations struct {
	conversation.Store
	mu       sync.Mutex
	byID     map[conversation.ID]conversation.Conversation
	messages []conversation.Message
	failWith error
	searched conversation.SearchQuery
}

func (s *conversations) Create(_ context.Context, c conversation.Conversation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failWith != nil {
		return s.failWith
	}
	if old, ok := s.byID[c.ID]; ok && old.Title != c.Title {
		return &fault.Error{Kind: fault.IDConflict}
	}
	s.byID[c.ID] = c
	return nil
}

func (s *conversations) Get(_ context.Context, _ identity.AccountID, id conversation.ID) (conversation.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failWith != nil {
		return conversation.Conversation{}, s.failWith
	}
	c, ok := s.byID[id]
	if !ok {
		return c, &fault.Error{Kind: fault.NotFound}
	}
	return c, nil
}

func (s *conversations) List(_ context.Context, _ identity.AccountID, q conversation.ListQuery) ([]conversation.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []conversation.Conversation
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		if (q.After == nil || id > q.After.ID) && len(page) < q.Limit {
			page = append(page, s.byID[id])
		}
	}
	return page, nil
}

func (s *conversations) FindByPrefix(_ context.Context, _ identity.AccountID, prefix string, _ int) ([]conversation.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []conversation.Conversation
	for id, c := range s.byID {
		if strings.HasPrefix(string(id), prefix) {
			found = append(found, c)
		}
	}
	return found, nil
}

func (s *conversations) Change(ctx context.Context, account identity.AccountID, id conversation.ID, ch conversation.Change, _ time.Time) (conversation.Conversation, error) {
	c, err := s.Get(ctx, account, id)
	if err == nil && ch.Title != nil {
		c.Title, c.TitleByUser = *ch.Title, true
	}
	return c, err
}

func (s *conversations) Delete(_ context.Context, _ identity.AccountID, id conversation.ID, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
	return nil
}

func (s *conversations) Restore(ctx context.Context, account identity.AccountID, id conversation.ID, _ time.Time) (conversation.Conversation, error) {
	return s.Get(ctx, account, id)
}

func (s *conversations) Fork(_ context.Context, account identity.AccountID, from conversation.ID, at conversation.MessageID, to conversation.ID, now time.Time) (conversation.Conversation, error) {
	return conversation.Conversation{Account: account, ID: to, ForkOf: from, ForkAt: at, Origin: conversation.FromChat, CreatedAt: now, UpdatedAt: now}, nil
}

func (s *conversations) Branch(context.Context, identity.AccountID, conversation.ID, conversation.MessageID, conversation.MessageID, int) ([]conversation.Message, error) {
	return s.messages, nil
}

func (s *conversations) SiblingsOf(_ context.Context, _ identity.AccountID, ids []conversation.MessageID) (map[conversation.MessageID][]conversation.MessageID, error) {
	of := map[conversation.MessageID][]conversation.MessageID{}
	for _, id := range ids {
		of[id] = []conversation.MessageID{id, unknown}
	}
	return of, nil
}

func (s *conversations) Search(_ context.Context, _ identity.AccountID, q conversation.SearchQuery) ([]conversation.Hit, error) {
	s.searched = q
	return []conversation.Hit{
		{Conversation: aConv, Message: aMessage, Role: conversation.User, CreatedAt: noon, Snippet: "a word", Marks: [][2]int{{2, 6}}},
		{Conversation: aConv, Message: aTurn, Role: conversation.Assistant, CreatedAt: noon, Snippet: "no marks"},
	}, nil
}

func (s *conversations) Changes(_ context.Context, _ identity.AccountID, epoch string, after int64, _ int) (conversation.Delta, error) {
	if epoch == "gone" {
		return conversation.Delta{}, &fault.Error{Kind: fault.SyncReset}
	}
	return conversation.Delta{Epoch: "e", Rev: after + 1, Messages: s.messages, Deleted: []conversation.ID{bConv}}, nil
}

// turns is a fake of the verb: feeds by turn.
type turns struct {
	mu        sync.Mutex
	feeds     map[turn.ID]func(after int64) turn.Feed
	begun     []turn.Request
	by        identity.Principal
	cancelled []turn.ID
	failWith  error
	created   bool
	retiring  bool
}

func (s *turns) Begin(_ context.Context, p identity.Principal, req turn.Request, after int64) (turn.Feed, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun, s.by = append(s.begun, req), p
	if s.failWith != nil {
		return nil, false, s.failWith
	}
	return s.feeds[req.ID](after), s.created, nil
}

func (s *turns) Attach(_ context.Context, _ identity.Principal, id turn.ID, after int64) (turn.Feed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.feeds[id]; ok {
		return f(after), nil
	}
	return nil, &fault.Error{Kind: fault.NotFound}
}

func (s *turns) Status(_ context.Context, _ identity.Principal, id turn.ID) (turn.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.feeds[id]; ok {
		return f(0).Status(), nil
	}
	return turn.Status{}, &fault.Error{Kind: fault.NotFound}
}

func (s *turns) Cancel(_ context.Context, _ identity.Principal, id turn.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancelled = append(s.cancelled, id)
	return nil
}

func (s *turns) Running() int   { return 3 }
func (s *turns) Retiring() bool { return s.retiring }

// script is a feed that tells what it was given, then fails with err or waits.
type script struct {
	status  turn.Status
	updates []turn.Update
	err     error
	hold    bool // wait for ctx after the updates
	closed  chan struct{}
	once    sync.Once
}

func newScript(updates ...turn.Update) *script {
	return &script{
		status:  turn.Status{ID: aTurn, Conversation: aConv, Question: aMessage, Model: "demo/demo", State: turn.Running, StartedAt: noon},
		updates: updates, err: io.EOF, closed: make(chan struct{}),
	}
}

func (f *script) Status() turn.Status { return f.status }

func (f *script) Next(ctx context.Context, idle time.Duration) (turn.Update, error) {
	if len(f.updates) > 0 {
		u := f.updates[0]
		f.updates = f.updates[1:]
		return u, nil
	}
	if !f.hold {
		return turn.Update{}, f.err
	}
	quiet := time.NewTimer(idle)
	defer quiet.Stop()
	select {
	case <-ctx.Done():
		return turn.Update{}, ctx.Err()
	case <-quiet.C:
		return turn.Update{Idle: true}, nil
	}
}

func (f *script) Close() { f.once.Do(func() { close(f.closed) }) }

type models struct {
	asked  provider.Caller
	offers []provider.Offer // none: the usual ones
}

func (m *models) Models(_ context.Context, c provider.Caller) ([]provider.Offer, []provider.Problem) {
	m.asked = c
	if m.offers != nil {
		return m.offers, nil
	}
	return []provider.Offer{
			{Model: provider.Model{Provider: "anthropic", Name: "claude", Price: &provider.Price{Input: 1}, Listed: true}, Usable: true, Default: true},
			{Model: provider.Model{Provider: "demo", Name: "demo"}, Usable: true},
		}, []provider.Problem{
			{Provider: "openai", Err: &fault.Error{Kind: fault.ProviderUnreachable}},
		}
}

func (m *models) Route(_ context.Context, _ provider.Caller, model string) (provider.Route, error) {
	switch model {
	case "claude", "anthropic/claude":
		return provider.Route{Model: provider.Model{Provider: "anthropic", Name: "claude"}}, nil
	case "gemini/pro":
		return provider.Route{}, &fault.Error{Kind: fault.NoKey}
	}
	return provider.Route{}, &fault.Error{Kind: fault.ModelUnknown}
}

type changes struct{ revisions chan int64 }

func (c *changes) Watch(identity.AccountID) (<-chan int64, func()) { return c.revisions, func() {} }
