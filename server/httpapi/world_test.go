package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/logtest"
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
	log   *logtest.Log

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
	hours    *fakeHours
	keys     *fakeKeys
}

func newWorld(t *testing.T, change ...func(*httpapi.Options)) *world {
	t.Helper()
	w := &world{
		t: t, token: identity.AccessToken.New(), log: &logtest.Log{},
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
		hours:    &fakeHours{},
		keys:     newFakeKeys(),
	}
	w.identity.credentials[w.token] = identity.Principal{
		User: aUser, Account: anAcct, Role: identity.Owner, Scopes: identity.AllScopes, Session: aSession,
	}
	o := httpapi.Options{
		Authenticator: w.identity, Users: w.identity, Externals: w.identity, Tokens: w.identity, Sessions: w.identity,
		Browsers: w.identity, Audit: w.identity, Entrance: w.entrance, Jobs: w.jobs, TestMail: testMail, Conversations: w.store, Turns: w.turns, Models: w.models, Changes: w.changes, Limits: w.limits, Plans: w.limits, Catalogue: catalogue{w.models},
		Usage: w.books, Counters: w.counters, Hours: w.hours, Ratings: w.opinions,
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
