package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
)

// problem reads a problem and checks its form.
func (w *world) problem(resp *http.Response) wire.Problem {
	w.t.Helper()
	var p wire.Problem
	body := w.read(resp)
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		w.t.Fatalf("%q: %v", body, err)
	}
	if got := resp.Header.Get("Content-Type"); got != wire.ProblemType {
		w.t.Errorf("Content-Type %q", got)
	}
	if p.Status != resp.StatusCode || p.Title == "" || p.Detail == "" {
		w.t.Errorf("status %d: %+v", resp.StatusCode, p)
	}
	return p
}

const aQuestion = `{"id":"` + aMessage + `","parts":[{"type":"text","text":"hi"}]}`

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.byID[aConv] = conversation.Conversation{ID: aConv}
	turns := wire.ConversationPath(aConv, wire.BelowTurns)
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code                     wire.Code
	}{
		{"no such path", "GET", "/api/v1/nothing", "", 404, wire.NotFound},
		{"wrong method", "PUT", wire.PathConversations, "", 405, wire.InvalidRequest},
		{"malformed JSON", "POST", wire.PathConversations, "{", 400, wire.InvalidRequest},
		{"no body", "POST", wire.PathConversations, "", 400, wire.InvalidRequest},
		{"a list for an object", "POST", wire.PathConversations, "[]", 400, wire.InvalidRequest},
		{"a number for a title", "POST", wire.PathConversations, `{"id":"` + bConv + `","title":7}`, 400, wire.InvalidRequest},
		{"an id in capitals", "POST", wire.PathConversations, `{"id":"019A0000-0000-7000-8000-000000000010"}`, 400, wire.InvalidRequest},
		{"an id that is none", "GET", wire.ConversationPath("x"), "", 400, wire.InvalidRequest},
		{"an unknown id", "GET", wire.ConversationPath(unknown), "", 404, wire.NotFound},
		{"invalid UTF-8", "POST", wire.PathConversations, "{\"id\":\"\xff\"}", 400, wire.TextInvalid},
		{"an escaped NUL", "POST", wire.PathConversations, `{"id":"` + bConv + `","title":"\u0000"}`, 400, wire.TextInvalid},
		{"half a pair", "POST", turns, `{"id":"\ud800"}`, 400, wire.TextInvalid},
		{"a body too large", "POST", wire.PathConversations, `{"title":"` + strings.Repeat("x", 3<<20) + `"}`, 413, wire.TooLarge},
		{"a question too large", "POST", turns, `{"id":"` + aTurn + `","question":{"id":"` + aMessage + `","parts":[{"type":"text","text":"` + strings.Repeat("x", 9<<20) + `"}]}}`, 413, wire.TooLarge},
		{"a title too long", "POST", wire.PathConversations, `{"id":"` + bConv + `","title":"` + strings.Repeat("x", 301) + `"}`, 413, wire.TooLarge},
		{"a cursor that is none", "GET", wire.PathConversations + "?cursor=zzz", "", 400, wire.CursorInvalid},
		{"a search's cursor that is none", "GET", wire.PathSearch + "?q=a&cursor=zzz", "", 400, wire.CursorInvalid},
		{"a limit that is none", "GET", wire.PathConversations + "?limit=many", "", 400, wire.InvalidRequest},
		{"a query of bytes", "GET", wire.PathSearch + "?q=%ff", "", 400, wire.TextInvalid},
		{"an origin that is none", "GET", wire.PathConversations + "?origin=x", "", 400, wire.InvalidRequest},
		{"a prefix that is none", "GET", wire.PathConversations + "?prefix=%25", "", 400, wire.InvalidRequest},
		{"a past that is gone", "GET", wire.PathSync + "?epoch=gone", "", 410, wire.SyncReset},
		{"a revision below zero", "GET", wire.PathSync + "?after=-1", "", 400, wire.InvalidRequest},
		{"max_tokens 0", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"max_tokens":0}`, 400, wire.InvalidRequest},
		{"max_tokens -1", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"max_tokens":-1}`, 400, wire.InvalidRequest},
		{"max_tokens 2^63", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"max_tokens":9223372036854775808}`, 400, wire.InvalidRequest},
		{"max_tokens 2^63-1", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"max_tokens":9223372036854775807}`, 400, wire.InvalidRequest},
		{"temperature 3", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"temperature":3}`, 400, wire.InvalidRequest},
		{"temperature 1e999", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"temperature":1e999}`, 400, wire.InvalidRequest},
		{"an empty question", "POST", turns, `{"id":"` + aTurn + `","question":{"id":"` + aMessage + `","parts":[]}}`, 400, wire.InvalidRequest},
		{"a picture", "POST", turns, `{"id":"` + aTurn + `","question":{"id":"` + aMessage + `","parts":[{"type":"file"}]}}`, 400, wire.InvalidRequest},
		{"nothing to answer", "POST", turns, `{"id":"` + aTurn + `"}`, 400, wire.InvalidRequest},
		{"another conversation to create", "POST", turns, `{"id":"` + aTurn + `","question":` + aQuestion + `,"create":{"id":"` + bConv + `"}}`, 400, wire.InvalidRequest},
		{"one id for two things", "POST", turns, `{"id":"` + aMessage + `","question":` + aQuestion + `}`, 400, wire.InvalidRequest},
		{"a turn that is none", "GET", wire.TurnPath(unknown), "", 404, wire.NotFound},
		{"events of a turn that is none", "GET", wire.TurnPath(unknown, wire.BelowEvents), "", 404, wire.NotFound},
		{"retiring a public server", "POST", wire.PathRetire, "", 403, wire.Forbidden},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, url: w.url, token: w.token}
			p := w.problem(w.call(tc.method, tc.path, tc.body))
			if p.Status != tc.status || p.Code != tc.code {
				t.Errorf("%d %s (%s), want %d %s", p.Status, p.Code, p.Detail, tc.status, tc.code)
			}
		})
	}
	t.Cleanup(func() {
		if len(w.turns.begun) > 0 {
			t.Errorf("%d refused turns were begun", len(w.turns.begun))
		}
	})
}

func TestRefusalsDoNotRepeatWhatWasSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const secret = "hunter2"
	for _, body := range []string{`{"id":"` + secret + `"}`, `{"id":` + secret + `}`, `{"id":{"` + secret + `":1}}`, `{"title":["` + secret + `"]}`, secret} {
		resp := w.call("POST", wire.PathConversations, body)
		if text := w.read(resp); resp.StatusCode != 400 || strings.Contains(text, secret) {
			t.Errorf("%d %s", resp.StatusCode, text)
		}
	}
	for _, path := range []string{wire.PathConversations + "?limit=" + secret, wire.ConversationPath(secret), "/" + secret} {
		if text := w.read(w.call("GET", path, "")); strings.Contains(text, secret) {
			t.Errorf("%s", text)
		}
	}
	if strings.Contains(w.log.String(), secret) || strings.Contains(w.log.String(), w.token) {
		t.Errorf("the log repeats it: %s", w.log)
	}
}

func TestUnknownFieldsAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resp := w.call("POST", wire.PathConversations, `{"id":"`+aConv+`","colour":"blue","parts":[{"new":true}],"title":"T"}`)
	if body := w.read(resp); resp.StatusCode != http.StatusCreated || !strings.Contains(body, `"title":"T"`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	resp = w.call("PATCH", wire.ConversationPath(aConv), `{"title":null,"model":null,"colour":1}`)
	if body := w.read(resp); resp.StatusCode != http.StatusOK || !strings.Contains(body, `"title":"T"`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func zip(t *testing.T, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ok := w.call("POST", wire.PathConversations, zip(t, []byte(`{"id":"`+aConv+`"}`)), "Content-Encoding", "gzip")
	if ok.StatusCode != http.StatusCreated {
		t.Errorf("%d %s", ok.StatusCode, w.read(ok))
	}
	bomb := zip(t, make([]byte, 64<<20)) // 64 KiB that would be 64 MiB
	if p := w.problem(w.call("POST", wire.PathConversations, bomb, "Content-Encoding", "gzip")); p.Code != wire.TooLarge {
		t.Errorf("bomb: %+v", p)
	}
	for _, tc := range [][2]string{{"gzip", "not gzip"}, {"br", "x"}, {"gzip", zip(t, []byte(`{"id":"`))[:12]}} {
		if p := w.problem(w.call("POST", wire.PathConversations, tc[1], "Content-Encoding", tc[0])); p.Code != wire.InvalidRequest {
			t.Errorf("%q: %+v", tc, p)
		}
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, header := range map[string]string{
		"nothing":       "",
		"another kind":  "Basic " + w.token,
		"a wrong token": "Bearer " + identity.PersonalToken.New(),
		"a wrong shape": "Bearer aichat_pat_short",
		"only the word": "Bearer",
	} {
		p := w.problem(w.call("GET", wire.PathMe, "", "Authorization", header))
		if p.Code != wire.Unauthenticated || p.Status != 401 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	resp := w.call("GET", wire.PathMe, "", "Authorization", "")
	if resp.Header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
	var me wire.Me
	if err := json.Unmarshal([]byte(w.read(w.call("GET", wire.PathMe, ""))), &me); err != nil || me.User != aUser || me.Name != "Ada L." || me.Local {
		t.Errorf("%+v, %v", me, err)
	}
	if p := w.problem(w.call("GET", wire.PathMe, "", wire.HeaderAccount, unknown)); p.Code != wire.NotFound {
		t.Errorf("another account: %+v", p)
	}
	if resp := w.call("GET", wire.PathMe, "", wire.HeaderAccount, anAcct); resp.StatusCode != 200 {
		t.Errorf("one's own account: %d", resp.StatusCode)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resp := w.call("GET", wire.PathServer, "", "Authorization", "")
	if resp.Header.Get(wire.HeaderVersion) != "1.2.3" || resp.Header.Get(wire.HeaderMinClient) != "1.0.0" {
		t.Errorf("%v", resp.Header)
	}
	if body := w.read(resp); strings.Contains(body, "pid") || strings.Contains(body, "running") {
		t.Errorf("a stranger is told %s", body)
	}
	if p := w.problem(w.call("GET", wire.PathMe, "", wire.HeaderVersion, "0.9.0")); p.Code != wire.ClientTooOld || p.Status != 426 {
		t.Errorf("%+v", p)
	}
	if resp := w.call("GET", wire.PathMe, "", wire.HeaderVersion, "7.0.0"); resp.StatusCode != 200 {
		t.Errorf("a newer client: %d", resp.StatusCode)
	}
}

func TestProviderKeys(t *testing.T) {
	t.Parallel()
	const keys = `{"OPENAI_API_KEY":"sk-hidden","PATH":"/bin"}`
	w := newWorld(t)
	if p := w.problem(w.call("GET", wire.PathModels, "", wire.HeaderProviderKeys, keys)); p.Code != wire.Forbidden {
		t.Errorf("over TCP: %+v", p)
	}
	local := func(header string) *httptest.ResponseRecorder {
		req := httptest.NewRequest("GET", wire.PathModels, nil)
		req.Header.Set(wire.HeaderProviderKeys, header)
		rec := httptest.NewRecorder()
		w.api.ServeHTTP(rec, req.WithContext(httpapi.LocalContext(t.Context())))
		return rec
	}
	if rec := local(keys); rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if asked := w.models.asked; !asked.Local || len(asked.Env) != 1 || asked.Env["OPENAI_API_KEY"] != "sk-hidden" {
		t.Errorf("the directory was asked with %v", asked)
	}
	if rec := local("sk-hidden"); rec.Code != 400 || strings.Contains(rec.Body.String(), "hidden") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if strings.Contains(w.log.String(), "hidden") {
		t.Errorf("logged: %s", w.log)
	}
}

func TestInternalFailuresHideTheirCause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.failWith = fault.Wrap(errDisk, fault.Internal, "")
	p := w.problem(w.call("GET", wire.ConversationPath(aConv), ""))
	if p.Status != 500 || p.Code != wire.Internal || strings.Contains(p.Detail, errDisk.Error()) {
		t.Errorf("%+v", p)
	}
	if !strings.Contains(w.log.String(), errDisk.Error()) {
		t.Errorf("the log does not tell: %s", w.log)
	}
}

type textError string

func (e textError) Error() string { return string(e) }

const errDisk = textError("disk on fire")

func TestHealthIsLoggedForDebuggingOnly(t *testing.T) {
	t.Parallel()
	for path, logged := range map[string]bool{wire.PathHealth: false, wire.PathReady: false, wire.PathServer: true} {
		w := newWorld(t)
		if resp := w.call("GET", path, ""); resp.StatusCode >= 300 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		if got := strings.Contains(w.log.String(), `"msg":"request"`); got != logged {
			t.Errorf("%s: logged %t, want %t: %s", path, got, logged, w.log)
		}
	}
}

func TestPanicsAreProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.turns.feeds[aTurn] = nil // the fake will call nil
	p := w.problem(w.call("GET", wire.TurnPath(aTurn), ""))
	if p.Status != 500 || p.Code != wire.Internal {
		t.Errorf("%+v", p)
	}
	if !strings.Contains(w.log.String(), `"msg":"panic"`) {
		t.Errorf("not logged: %s", w.log)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []conversation.ID{aConv, bConv, unknown} {
		w.store.byID[id] = conversation.Conversation{ID: id, UpdatedAt: noon}
	}
	var seen []string
	for path := wire.PathConversations + "?limit=1"; path != ""; {
		var page wire.ConversationPage
		if err := json.Unmarshal([]byte(w.read(w.call("GET", path, ""))), &page); err != nil || len(page.Conversations) != 1 {
			t.Fatalf("%v %+v", err, page)
		}
		seen = append(seen, page.Conversations[0].ID)
		path = ""
		if page.Next != "" {
			path = wire.PathConversations + "?limit=1&cursor=" + page.Next
			if p := w.problem(w.call("GET", path+"&all=true", "")); p.Code != wire.CursorInvalid {
				t.Errorf("a cursor of another list: %+v", p)
			}
		}
	}
	if strings.Join(seen, " ") != strings.Join([]string{aConv, bConv, unknown}, " ") {
		t.Errorf("%v", seen)
	}
	for _, limit := range []string{"-5", "0", "999999999"} {
		if resp := w.call("GET", wire.PathConversations+"?limit="+limit, ""); resp.StatusCode != 200 {
			t.Errorf("limit %s: %d", limit, resp.StatusCode)
		}
	}
}

func TestSearchTakesAnything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, q := range []string{"%22", "*", "NEAR(", "%25", "%27", "", "a+OR+b", "((("} {
		if resp := w.call("GET", wire.PathSearch+"?q="+q, ""); resp.StatusCode != 200 {
			t.Errorf("%s: %d %s", q, resp.StatusCode, w.read(resp))
		}
	}
}

func TestDeletingCancels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.byID[aConv] = conversation.Conversation{ID: aConv, Running: aTurn}
	for range 2 { // the second finds nothing, and that is nothing
		if resp := w.call("DELETE", wire.ConversationPath(aConv), ""); resp.StatusCode != http.StatusNoContent {
			t.Errorf("%d %s", resp.StatusCode, w.read(resp))
		}
	}
	if len(w.turns.cancelled) != 1 || w.turns.cancelled[0] != aTurn {
		t.Errorf("cancelled: %v", w.turns.cancelled)
	}
}
