package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// late is when usage is looked at: in the account's month from 5 May on.
var late = noon.AddDate(0, 0, 16)

// row is a row of the ledger, hours before late.
func row(hours int, member identity.UserID, more ...func(*usage.Entry)) usage.Entry {
	price := provider.Price{Input: 3_000_000, Output: 15_000_000}
	e := usage.Entry{Account: anAcct, ID: conversation.NewID(), CreatedAt: late.Add(-time.Duration(hours) * time.Hour), Member: member,
		Kind: usage.Answer, Conversation: aConv, Attempt: 1, Provider: "demo", Model: "echo", KeyID: "k1",
		Tokens: provider.Usage{Input: 1201, Output: 80}, Source: usage.Reported, PriceKnown: true, Price: price,
		Outcome: usage.Completed, Finish: provider.Stop, Charged: true, FirstToken: 300 * time.Millisecond, Total: time.Second}
	for _, f := range more {
		f(&e)
	}
	if e.PriceKnown {
		e.CostMicroUSD = e.Price.Cost(e.Tokens)
	}
	return e
}

func newUsageWorld(t *testing.T) *world {
	w := newWorld(t, func(o *httpapi.Options) { o.Now = func() time.Time { return late } })
	w.books.chats = map[string]string{aConv: "My chat"}
	w.books.rows = []usage.Entry{
		row(1, aUser), row(2, bUser),
		row(30, aUser, func(e *usage.Entry) { e.Charged, e.Source, e.Model = false, usage.Estimated, "other" }),
		row(40, aUser, func(e *usage.Entry) {
			e.Outcome, e.ErrorCode, e.Finish, e.Attempt = usage.Failed, "provider_truncated", "", 2
		}),
		row(50, aUser, func(e *usage.Entry) { e.PriceKnown, e.Price, e.Conversation = false, provider.Price{}, "" }),
		row(5000, aUser),
	}
	return w
}

// answered asks for JSON.
func answered[T any](t *testing.T, w *world, path string) (out T) {
	t.Helper()
	resp := w.call("GET", path, "")
	body := w.read(resp)
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v, %s", path, resp.StatusCode, err, body)
	}
	return out
}

func TestUsageSummary(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	s := answered[wire.UsageSummary](t, w, wire.PathUsage)
	if !s.Period || s.By != wire.ByDay || s.TimeZone != "UTC" || s.From.Format(time.DateOnly) != "2026-05-05" || s.To.Format(time.DateOnly) != "2026-06-05" {
		t.Errorf("range %+v", s)
	}
	// From the 5th to the 20th, days without usage included and those to come not.
	if len(s.Rows) != 16 || s.Rows[15].Key != "2026-05-20" || s.Rows[15].All.Calls != 2 || s.Rows[0].All.Calls != 0 {
		t.Errorf("%d rows: %+v", len(s.Rows), s.Rows)
	}
	const cost = 4803 // 1201 × 3 + 80 × 15, exactly
	if s.All.Calls != 5 || s.All.CostMicroUSD != 4*cost || s.All.EstimatedCalls != 1 || s.All.EstimatedMicroUSD != cost || s.All.UnpricedCalls != 1 ||
		s.All.FailedCalls != 1 || s.All.Tokens != 5*1281 || s.Uncharged.Calls != 1 || s.Uncharged.CostMicroUSD != cost {
		t.Errorf("all %+v, uncharged %+v", s.All, s.Uncharged)
	}
	p := s.Projection
	if p == nil || p.SoFarMicroUSD != 4*cost || p.CostMicroUSD != (4*cost*31*24*60*60+(15*24+12)*60*60-1)/((15*24+12)*60*60) || p.Text == "" {
		t.Errorf("projection %+v", p)
	}
	if !s.WholeAccount || !s.Limits.Metered || len(s.Limits.Limits) != 1 {
		t.Errorf("whole %v, limits %+v", s.WholeAccount, s.Limits)
	}
	byModel := answered[wire.UsageSummary](t, w, wire.PathUsage+"?by=model&limit=1")
	if len(byModel.Rows) != 1 || byModel.Rows[0].Key != "demo/echo" || byModel.Left != 1 || byModel.Rest == nil || byModel.Rest.All.Calls != 1 {
		t.Errorf("by model %+v", byModel)
	}
	chats := answered[wire.UsageSummary](t, w, wire.PathUsage+"?by=conversation")
	if len(chats.Rows) != 2 || chats.Rows[0].Title != "My chat" || chats.Rows[1].Key != "" {
		t.Errorf("by conversation %+v", chats.Rows)
	}
	zoned := answered[wire.UsageSummary](t, w, wire.PathUsage+"?from=2026-05-20&to=2026-05-20&by=hour&time_zone=Asia/Kathmandu")
	if zoned.Period || zoned.From.Format(time.RFC3339) != "2026-05-19T18:15:00Z" || zoned.To.Sub(zoned.From) != 24*time.Hour ||
		len(zoned.Rows) != 18 || zoned.Rows[0].Key != "2026-05-20T00:00:00+05:45" || zoned.All.Calls != 2 {
		t.Errorf("a day in Kathmandu: %d rows from %v, %+v", len(zoned.Rows), zoned.From, zoned.All)
	}
}

// A member is named by id or name; one who has left, by what the ledger has.
func TestUsageOfAMember(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	gone := row(3, "gone")
	w.books.rows = append([]usage.Entry{gone}, w.books.rows...)
	for member, calls := range map[string]int64{bUser: 1, "bob": 1, "ADA": 4, "gone": 1} {
		if s := answered[wire.UsageSummary](t, w, wire.PathUsage+"?member="+member); s.All.Calls != calls || s.WholeAccount {
			t.Errorf("%q: %+v", member, s.All)
		}
	}
	for _, path := range []string{wire.PathUsage, wire.PathUsageLedger, wire.PathUsageModels, wire.PathUsageAdvice} {
		p := w.problem(w.call("GET", path+"?member=zz", ""))
		if p.Code != wire.InvalidRequest || p.Subject != "member" || p.Detail != "There is no such member in the account. Its members are Ada and Bob." {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

func TestUsageIsOnesOwn(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Member, Scopes: identity.ScopeRead, Session: aSession}
	for path, n := range map[string]int{"": 4, "?member=" + aUser: 4} {
		if s := answered[wire.UsageSummary](t, w, wire.PathUsage+path); s.All.Calls != int64(n) || s.WholeAccount {
			t.Errorf("%q: %+v", path, s.All)
		}
	}
	if l := answered[wire.LedgerPage](t, w, wire.PathUsageLedger); len(l.Rows) != 5 {
		t.Errorf("%d rows", len(l.Rows))
	}
	for _, path := range []string{wire.PathUsage, wire.PathUsageLedger, wire.PathUsageModels, wire.PathUsageAdvice} {
		if p := w.problem(w.call("GET", path+"?member="+bUser, "")); p.Code != wire.Forbidden {
			t.Errorf("%s of another: %+v", path, p)
		}
	}
	if s := answered[wire.UsageSummary](t, w, wire.PathUsage+"?by=key"); len(s.Rows) != 1 || s.Rows[0].Title != "read by "+anAcct+" "+aUser {
		t.Errorf("keys are not named as for this member: %+v", s.Rows)
	}
	for _, of := range w.books.asked {
		if of.Account != anAcct || of.Member != aUser {
			t.Errorf("asked for %+v", of)
		}
	}
	w.identity.credentials[w.token] = identity.Principal{User: aUser, Account: anAcct, Role: identity.Admin, Scopes: identity.ScopeRead, Session: aSession}
	if s := answered[wire.UsageSummary](t, w, wire.PathUsage+"?member="+bUser+"&by=member"); s.All.Calls != 1 || s.WholeAccount {
		t.Errorf("an admin, of one member: %+v", s)
	}
}

func TestUsageRefuses(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	for path, subject := range map[string]string{
		wire.PathUsage + "?by=colour":                                     "by",
		wire.PathUsage + "?by=account":                                    "by",
		wire.PathUsage + "?from=yesterday":                                "from",
		wire.PathUsage + "?from=2026-02-30":                               "from",
		wire.PathUsage + "?to=0000-01-01":                                 "to",
		wire.PathUsage + "?from=2026-05-02&to=2026-05-01":                 "to",
		wire.PathUsage + "?from=2020-01-01&to=2026-05-01":                 "by",
		wire.PathUsage + "?by=hour&from=2026-01-01":                       "by",
		wire.PathUsage + "?time_zone=Local":                               "time_zone",
		wire.PathUsage + "?time_zone=../../etc/passwd":                    "time_zone",
		wire.PathUsageLedger + "?model=echo":                              "model",
		wire.PathUsageLedger + "?conversation=x":                          "conversation",
		wire.PathUsageLedger + "?from=2026-05-02&to=2026-05-01T00:00:00Z": "to",
	} {
		if p := w.problem(w.call("GET", path, "")); p.Code != wire.InvalidRequest || p.Subject != subject {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if p := w.problem(w.call("GET", wire.PathUsageLedger+"?cursor=x", "")); p.Code != wire.CursorInvalid {
		t.Errorf("%+v", p)
	}
}

func TestLedgerExplainsItself(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	var rows []wire.LedgerRow
	next := ""
	for {
		page := answered[wire.LedgerPage](t, w, wire.PathUsageLedger+"?limit=2&cursor="+url.QueryEscape(next))
		rows = append(rows, page.Rows...)
		if next = page.Next; next == "" {
			break
		}
	}
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		var whole, rest int64
		for _, l := range r.Lines {
			if l.Tokens*l.PriceMicroUSD != l.MicroUSD*1_000_000+l.Millionths {
				t.Errorf("line %+v", l)
			}
			whole, rest = whole+l.MicroUSD, rest+l.Millionths
		}
		if whole*1_000_000+rest+r.RoundedUp != r.CostMicroUSD*1_000_000 {
			t.Errorf("%+v does not add up", r)
		}
	}
	first, unpriced := rows[0], rows[4]
	if first.Title != "My chat" || first.MemberName != "Ada" || first.Price == nil || !first.Charged || first.KeyID != "k1" ||
		!strings.HasPrefix(first.Explanation, "1,201 input × $3/M + 80 output × $15/M = $0.004803") {
		t.Errorf("%+v", first)
	}
	if unpriced.Price != nil || unpriced.CostMicroUSD != 0 || !strings.Contains(unpriced.Explanation, "price is not known") {
		t.Errorf("%+v", unpriced)
	}
	page := answered[wire.LedgerPage](t, w, wire.PathUsageLedger+"?model=demo/other&from=2026-05-01&conversation="+aConv)
	if len(page.Rows) != 1 || !page.Rows[0].Estimated || page.Rows[0].Charged {
		t.Errorf("filtered %+v", page)
	}
}

func TestUsageModels(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	w.books.rated = []usage.Rated{{Model: "demo/echo", Up: 2, Down: 1}}
	r := answered[wire.QualityReport](t, w, wire.PathUsageModels)
	if len(r.Models) != 2 {
		t.Fatalf("%+v", r)
	}
	m := r.Models[0]
	if m.Model != "demo/echo" || m.Calls != 4 || m.Completed != 3 || m.Failed != 1 || m.Truncated != 1 || m.Retried != 1 || m.Up != 2 || m.Down != 1 ||
		len(m.Errors) != 1 || m.Errors[0].Code != "provider_truncated" || m.FirstToken.P50MS != 300 || m.Total.P95MS != 1000 || m.Measured != 4 {
		t.Errorf("%+v", m)
	}
}

func TestUsageAdvice(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	if r := answered[wire.AdviceReport](t, w, wire.PathUsageAdvice); len(r.Advice) != 0 || r.Advice == nil || r.Calls != 5 {
		t.Errorf("of next to nothing: %+v", r)
	}
	w.models.offers = []provider.Offer{
		{Model: provider.Model{Provider: "demo", Name: "echo", Price: &provider.Price{Input: 3_000_000, Output: 15_000_000}}, Usable: true},
		{Model: provider.Model{Provider: "demo", Name: "cheap", Price: &provider.Price{Input: 300_000, Output: 1_500_000}}, Usable: true},
	}
	w.books.rows = []usage.Entry{row(1, aUser, func(e *usage.Entry) { e.Tokens.Input = 1_000_000 })}
	r := answered[wire.AdviceReport](t, w, wire.PathUsageAdvice)
	if len(r.Advice) != 1 || r.Advice[0].Rule != wire.AdviceCheaperModel || r.Advice[0].Command != "aichat ask -m demo/cheap" ||
		r.Advice[0].SavesMicroUSD != 3_001_200-300_120 {
		t.Errorf("%+v", r)
	}
}

func TestAdminUsage(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t).operator()
	s := answered[wire.AdminUsage](t, w, wire.PathAdminUsage)
	if s.By != wire.ByAccount || len(s.Rows) != 1 || s.Rows[0].Title != "Ada" || s.All.Calls != 5 || len(s.Errors) != 1 ||
		s.Errors[0] != (wire.AdminUsageError{Model: "demo/echo", Code: "provider_truncated", Calls: 1}) || s.From.Day() != 1 {
		t.Errorf("%+v", s)
	}
	if s := answered[wire.AdminUsage](t, w, wire.PathAdminUsage+"?by=key"); len(s.Rows) != 1 || s.Rows[0].Title != "Team key" {
		t.Errorf("by key: %+v", s.Rows)
	}
	if p := w.problem(w.call("GET", wire.PathAdminUsage+"?by=conversation", "")); p.Subject != "by" {
		t.Errorf("%+v", p)
	}
}

func TestRatings(t *testing.T) {
	t.Parallel()
	w := newUsageWorld(t)
	w.store.byID[aConv] = conversation.Conversation{ID: aConv, Account: anAcct}
	w.store.messages = []conversation.Message{{ID: aTurn, Conversation: aConv, Role: conversation.Assistant, State: conversation.Complete, CreatedAt: noon}}
	rating := func() *wire.Rating {
		t.Helper()
		page := answered[wire.MessagePage](t, w, wire.ConversationPath(aConv, wire.BelowMessages))
		synced := answered[wire.SyncPage](t, w, wire.PathSync)
		if len(synced.Messages) == 1 && (synced.Messages[0].Rating == nil) != (page.Messages[0].Rating == nil) {
			t.Errorf("synced %+v, read %+v", synced.Messages[0], page.Messages[0])
		}
		return page.Messages[0].Rating
	}
	path := wire.MessagePath(aTurn, wire.BelowRating)
	if resp := w.call("PUT", path, `{"value":"down","reason":"wrong"}`); resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, w.read(resp))
	}
	if r := rating(); r == nil || r.Value != wire.RatingDown || r.Reason != "wrong" || !r.RatedAt.Equal(late) {
		t.Errorf("%+v", r)
	}
	for range 2 {
		if resp := w.call("DELETE", path, ""); resp.StatusCode != http.StatusNoContent {
			t.Errorf("%d %s", resp.StatusCode, w.read(resp))
		}
	}
	if r := rating(); r != nil {
		t.Errorf("taken back: %+v", r)
	}
	for body, code := range map[string]wire.Code{
		`{"value":"sideways"}`: wire.InvalidRequest, `{}`: wire.InvalidRequest,
		`{"value":"up","reason":"` + strings.Repeat("x", wire.MaxRatingReason+1) + `"}`: wire.InvalidRequest,
		`{"value":"up","reason":"a\u0000b"}`:                                            wire.TextInvalid,
	} {
		if p := w.problem(w.call("PUT", path, body)); p.Code != code {
			t.Errorf("%.40s: %+v", body, p)
		}
	}
	if p := w.problem(w.call("PUT", wire.MessagePath(unknown, wire.BelowRating), `{"value":"up"}`)); p.Code != wire.NotFound {
		t.Errorf("%+v", p)
	}
}
