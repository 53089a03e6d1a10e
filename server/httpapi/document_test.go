package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// document is the description, able to judge what is sent.
type document struct {
	t        *testing.T
	compiler *jsonschema.Compiler
	paths    map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Responses   map[string]struct {
			Content map[string]struct {
				Schema struct {
					Events map[string]struct {
						Ref string `json:"$ref"`
					} `json:"x-events"`
				} `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	}
}

func newDocument(t *testing.T, w *world) *document {
	t.Helper()
	body := w.read(w.call("GET", wire.PathOpenAPI, ""))
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{t: t, compiler: jsonschema.NewCompiler()}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource("mem://openapi.json", parsed); err != nil {
		t.Fatal(err)
	}
	var shape struct {
		OpenAPI string          `json:"openapi"`
		Paths   json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &shape); err != nil || shape.OpenAPI != "3.1.0" {
		t.Fatalf("openapi %q, %v", shape.OpenAPI, err)
	}
	if err := json.Unmarshal(shape.Paths, &d.paths); err != nil {
		t.Fatal(err)
	}
	return d
}

// judge holds JSON against the schema at a place of the document.
func (d *document) judge(what string, body []byte, place ...string) {
	d.t.Helper()
	pointer := ""
	for _, p := range place {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	schema, err := d.compiler.Compile("mem://openapi.json#" + pointer)
	if err != nil {
		d.t.Fatalf("%s: %v", what, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		d.t.Fatalf("%s: %q: %v", what, body, err)
	}
	if err := schema.Validate(v); err != nil {
		d.t.Errorf("%s: %s\n%v", what, body, err)
	}
}

// TestDocumentIsTrue holds a real answer of every operation, and a refusal of
// each that can refuse, against the document.
func TestDocumentIsTrue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.byID[aConv] = conversation.Conversation{ID: aConv, Account: anAcct, Origin: conversation.FromChat, CreatedAt: noon, UpdatedAt: noon, Leaf: aTurn}
	w.store.messages = []conversation.Message{
		{ID: aMessage, Conversation: aConv, Role: conversation.User, State: conversation.Complete, CreatedAt: noon,
			Parts: []conversation.Part{{Type: conversation.Text, Text: "?"}}},
		{ID: aTurn, Conversation: aConv, Parent: aMessage, Role: conversation.Assistant, State: conversation.Failed, CreatedAt: noon, FinishedAt: noon,
			ErrorCode: "provider_failed", ErrorText: "It failed.", Usage: conversation.Usage{Input: 3}},
		{ID: bTurn, Conversation: aConv, Parent: aMessage, Role: conversation.Assistant, State: conversation.Complete, CreatedAt: noon, FinishedAt: noon,
			Usage: conversation.Usage{Input: 3, CostMicroUSD: 9, PriceKnown: true}},
	}
	w.turns.feeds[aTurn] = func(int64) turn.Feed {
		return newScript(turn.Update{Notice: &turn.Notice{Code: "retrying"}}, text("a", 1),
			turn.Update{Snapshot: true, Text: []byte("a"), Position: 1, Runs: []turn.Run{{Kind: turn.RunText, End: 1}}},
			end(conversation.Complete, 1))
	}
	w.changes.revisions <- 3
	w.identity.tokens = []identity.Token{{ID: bToken, User: aUser, Name: "old", Scopes: identity.ScopeRead, CreatedAt: noon, UsedAt: noon}}
	w.identity.users = []identity.User{{ID: bUser, Name: "Bea", Account: anAcct, CreatedAt: noon}}
	w.identity.events = []identity.Event{{ID: unknown, At: noon, What: identity.SignedIn, User: aUser}}
	w.entrance.invited = []signin.Invitation{{Mailbox: "eve@example.com", CreatedAt: noon}, {Mailbox: "bob@example.com", CreatedAt: noon}}
	w.jobs.byID[7] = job.Entry{ID: 7, Kind: "mail", State: job.Discarded, CreatedAt: noon, DueAt: noon, EndedAt: noon, Error: "E"}
	w.books.rows = []usage.Entry{row(1, aUser), row(2, aUser, func(e *usage.Entry) { e.Model, e.PriceKnown = "other", false }),
		row(3, bUser, func(e *usage.Entry) { e.Outcome, e.ErrorCode = usage.Failed, "provider_failed" })}
	d := newDocument(t, w)
	calls := map[string]struct{ path, body, accept string }{
		"list-conversations":   {path: wire.PathConversations},
		"create-conversation":  {path: wire.PathConversations, body: `{"id":"` + bConv + `"}`},
		"get-conversation":     {path: wire.ConversationPath(aConv)},
		"change-conversation":  {path: wire.ConversationPath(aConv), body: `{"title":"x"}`},
		"delete-conversation":  {path: wire.ConversationPath(unknown)},
		"restore-conversation": {path: wire.ConversationPath(aConv, wire.BelowRestore)},
		"fork-conversation":    {path: wire.ConversationPath(aConv, wire.BelowFork), body: `{"id":"` + bConv + `","at":"` + aMessage + `"}`},
		"list-messages":        {path: wire.ConversationPath(aConv, wire.BelowMessages)},
		"search":               {path: wire.PathSearch + "?q=word"},
		"rate-answer":          {path: wire.MessagePath(aTurn, wire.BelowRating), body: `{"value":"up"}`},
		"unrate-answer":        {path: wire.MessagePath(aTurn, wire.BelowRating)},
		"usage":                {path: wire.PathUsage + "?from=2026-05-01&to=2026-05-31&by=model&limit=1"},
		"usage-ledger":         {path: wire.PathUsageLedger},
		"usage-models":         {path: wire.PathUsageModels + "?from=2026-05-01"},
		"usage-advice":         {path: wire.PathUsageAdvice},
		"admin-usage":          {path: wire.PathAdminUsage + "?from=2026-05-01&by=day"},
		"begin-turn":           {path: wire.ConversationPath(aConv, wire.BelowTurns), body: asked},
		"get-turn":             {path: wire.TurnPath(aTurn)},
		"follow-turn":          {path: wire.TurnPath(aTurn, wire.BelowEvents)},
		"cancel-turn":          {path: wire.TurnPath(aTurn, wire.BelowCancel)},
		"list-models":          {path: wire.PathModels},
		"sync":                 {path: wire.PathSync},
		"events":               {path: wire.PathEvents},
		"me":                   {path: wire.PathMe},
		"change-me":            {path: wire.PathMe, body: `{"name":"Grace"}`},
		"delete-me":            {path: wire.PathMe},
		"list-identities":      {path: wire.PathIdentities},
		"delete-identity":      {path: wire.PathIdentities + "?issuer=https://id.example.com&subject=7"},
		"list-sessions":        {path: wire.PathSessions},
		"revoke-session":       {path: wire.SessionPath(bSession)},
		"revoke-sessions":      {path: wire.PathSessions},
		"list-tokens":          {path: wire.PathTokens},
		"create-token":         {path: wire.PathTokens, body: `{"id":"` + aToken + `","name":"CI"}`},
		"revoke-token":         {path: wire.TokenPath(bToken)},
		"list-users":           {path: wire.PathAdminUsers},
		"create-user":          {path: wire.PathAdminUsers, body: `{"id":"` + unknown + `","name":"Bob"}`},
		"change-user":          {path: wire.AdminUserPath(aUser), body: `{"server_admin":true}`},
		"delete-user":          {path: wire.AdminUserPath(bUser)},
		"list-user-tokens":     {path: wire.AdminUserPath(aUser, wire.BelowTokens)},
		"create-user-token":    {path: wire.AdminUserPath(aUser, wire.BelowTokens), body: `{"id":"` + unknown + `","name":"CI"}`},
		"revoke-user-token":    {path: wire.AdminUserPath(aUser, wire.BelowTokens, bToken)},
		"list-invitations":     {path: wire.PathAdminInvitations},
		"create-invitation":    {path: wire.PathAdminInvitations, body: `{"email":"bob@example.com"}`},
		"delete-invitation":    {path: wire.PathAdminInvitations + "?email=bob@example.com"},
		"owner-link":           {path: wire.PathAdminOwnerLink},
		"audit":                {path: wire.PathAdminAudit + "?since=2026-01-01T00:00:00Z"},
		"list-jobs":            {path: wire.PathAdminJobs},
		"limits":               {path: wire.PathLimits},
		"offers":               {path: wire.PathPlans},
		"operator-models":      {path: wire.PathAdminModels},
		"list-plans":           {path: wire.PathAdminPlans},
		"get-plan":             {path: wire.AdminUserPath(aUser, wire.BelowPlan)},
		"set-plan":             {path: wire.AdminUserPath(aUser, wire.BelowPlan), body: `{"plan":"pro"}`},
		"check-counters":       {path: wire.PathAdminCounters},
		"rebuild-counters":     {path: wire.PathAdminCounters, body: `{}`},
		"retry-job":            {path: wire.AdminJobPath(7, wire.BelowRetry)},
		"cancel-job":           {path: wire.AdminJobPath(7, wire.BelowCancel)},
		"test-mail":            {path: wire.PathAdminMailTest, body: `{"to":"ada@example.com"}`},
		"list-keys":            {path: wire.PathKeys},
		"add-key":              {path: wire.PathKeys, body: `{"id":"` + bConv + `","provider":"anthropic","key":"sk-0123456789abcdef"}`},
		"change-key":           {path: wire.KeyPath(wire.PathKeys, aKey), body: `{"label":"x"}`},
		"remove-key":           {path: wire.KeyPath(wire.PathKeys, aKey)},
		"test-key":             {path: wire.KeyPath(wire.PathKeys, aKey, wire.BelowTest)},
		"list-account-keys":    {path: wire.PathAccountKeys},
		"add-account-key":      {path: wire.PathAccountKeys, body: `{"id":"` + bTurn + `","provider":"anthropic","key":"sk-0123456789abcdef"}`},
		"change-account-key":   {path: wire.KeyPath(wire.PathAccountKeys, bKey), body: `{"label":"x"}`},
		"remove-account-key":   {path: wire.KeyPath(wire.PathAccountKeys, bKey)},
		"test-account-key":     {path: wire.KeyPath(wire.PathAccountKeys, bKey, wire.BelowTest)},
		"list-server-keys":     {path: wire.PathAdminKeys + "?all=true"},
		"add-server-key":       {path: wire.PathAdminKeys, body: `{"id":"` + aTurn + `","provider":"anthropic","key":"sk-0123456789abcdef"}`},
		"change-server-key":    {path: wire.KeyPath(wire.PathAdminKeys, cKey), body: `{"label":"x"}`},
		"remove-server-key":    {path: wire.KeyPath(wire.PathAdminKeys, cKey)},
		"test-server-key":      {path: wire.KeyPath(wire.PathAdminKeys, cKey, wire.BelowTest)},
		"rotate-keys":          {path: wire.PathAdminRotate},
		"server":               {path: wire.PathServer},
		"retire":               {path: wire.PathRetire},
		"health":               {path: wire.PathHealth},
		"ready":                {path: wire.PathReady},
		"openapi":              {path: wire.PathOpenAPI},
		"docs":                 {path: wire.PathDocs},
	}
	for path, item := range d.paths {
		for method, op := range item {
			call, ok := calls[op.OperationID]
			if !ok {
				t.Errorf("%s is described and not tried", op.OperationID)
				continue
			}
			delete(calls, op.OperationID)
			w := w
			if strings.HasPrefix(path, "/admin/") {
				w = w.operator()
			}
			resp := w.call(strings.ToUpper(method), call.path, call.body)
			kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
			status := strconv.Itoa(resp.StatusCode)
			if op.OperationID == "retire" || op.OperationID == "delete-me" {
				status = "default" // refused: this is no local server, and nobody confirmed
			}
			answer, ok := op.Responses[status]
			if !ok {
				t.Errorf("%s: %s is not described", op.OperationID, status)
				continue
			}
			switch kind {
			case "application/json", wire.ProblemType:
				d.judge(op.OperationID, []byte(w.read(resp)), "paths", path, method, "responses", status, "content", kind, "schema")
			case "text/event-stream":
				events := w.eventsUntil(resp, op.OperationID == "events")
				if len(events) == 0 {
					t.Errorf("%s: no events", op.OperationID)
				}
				for _, ev := range events {
					ref, ok := answer.Content[kind].Schema.Events[ev.Name]
					if !ok {
						t.Errorf("%s: event %s is not described", op.OperationID, ev.Name)
						continue
					}
					d.judge(ev.Name, ev.Data, strings.Split(strings.TrimPrefix(ref.Ref, "#/"), "/")...)
				}
			}
			if op.OperationID != "health" && op.OperationID != "ready" {
				d.judge(op.OperationID, []byte(`{"title":"T","status":400,"detail":"D","code":"invalid_request"}`),
					"paths", path, method, "responses", "default", "content", wire.ProblemType, "schema")
			}
		}
	}
	for id := range calls {
		t.Errorf("%s is not described", id)
	}
	refused := w.call("GET", wire.ConversationPath(unknown), "")
	d.judge("a problem", []byte(w.read(refused)), "paths", "/api/v1/conversations/{id}", "get", "responses", "default", "content", wire.ProblemType, "schema")
}

func TestNoNoise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.byID[aConv] = conversation.Conversation{ID: aConv}
	resp := w.call("GET", wire.ConversationPath(aConv), "")
	if body := w.read(resp); strings.Contains(body, "$schema") || resp.Header.Get("Link") != "" {
		t.Errorf("%s %v", body, resp.Header)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resp := w.call("GET", wire.PathDocs, "")
	page := w.read(resp)
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	for _, want := range []string{wire.PathConversations, "begin-turn", "schema-Conversation", wire.EventSnapshot} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal([]byte(w.read(w.call("GET", wire.PathOpenAPI, ""))), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if !strings.Contains(page, `<article id="`+op.OperationID+`"`) {
				t.Errorf("%s %s (%s) is not on the page", method, path, op.OperationID)
			}
		}
	}
	for _, no := range []string{"<script", "http://", "https://", "src=", "style=\""} {
		if strings.Contains(page, no) {
			t.Errorf("the page holds %s", no)
		}
	}
}
