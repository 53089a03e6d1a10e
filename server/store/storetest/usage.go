package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
	"github.com/aichat-term/aichat/server/vault"
)

// books are a random ledger, in the store and in memory.
type books struct {
	*world
	dice *rand.Rand
	rows []usage.Entry
}

func newBooks(w *world) *books { return &books{world: w, dice: rand.New(rand.NewPCG(2026, 11))} }

// pick takes one of some at random.
func pick[T any](b *books, from ...T) T { return from[b.dice.IntN(len(from))] }

// entry is a random row of the account's, of some hours around moment.
func (b *books) entry() usage.Entry {
	at := moment.Add(time.Duration(b.dice.Int64N(int64(60*time.Hour))) - 30*time.Hour).Truncate(time.Microsecond)
	e := usage.Entry{Account: b.account, ID: conversation.NewID(), CreatedAt: at,
		Member: pick(b, b.user, "someone else"), Kind: pick(b, usage.Answer, usage.Title), Attempt: 1 + b.dice.IntN(2),
		Conversation: pick(b, "", "c1", "c2", "c3"), Provider: pick(b, "demo", "openai"), Model: pick(b, "echo", "m/1"),
		KeyID: pick(b, "k1", "k2", ""), Source: pick(b, usage.Reported, usage.Estimated),
		Outcome: pick(b, usage.Completed, usage.Completed, usage.Failed, usage.Cancelled, usage.Interrupted),
		Tokens: provider.Usage{Input: b.dice.Int64N(9000), CachedRead: b.dice.Int64N(500), CachedWrite: 20 + b.dice.Int64N(50), CachedWriteLong: b.dice.Int64N(20),
			Output: 100 + b.dice.Int64N(900), Reasoning: b.dice.Int64N(100)},
		FirstToken: time.Duration(b.dice.IntN(1000)) * time.Millisecond, Total: time.Duration(1+b.dice.IntN(9)) * time.Second}
	if e.Outcome == usage.Failed {
		e.ErrorCode = pick(b, fault.ProviderRefused, fault.ProviderTruncated).String()
	}
	if e.Outcome == usage.Completed {
		e.Finish = pick(b, provider.Stop, provider.Length, provider.Refusal)
	}
	if e.PriceKnown = b.dice.IntN(4) > 0; e.PriceKnown {
		e.Price = provider.Price{Input: 1 + b.dice.Int64N(5_000_000), CachedWriteLong: b.dice.Int64N(9_000_000),
			Output: 1 + b.dice.Int64N(20_000_000), Above: b.dice.Int64N(2) * 200_000, From: pick(b, "", "2026-01-01")}
		e.CostMicroUSD = e.Price.Cost(e.Tokens)
	}
	return e
}

// write adds rows to the ledger: most charged to nobody, some settled to a
// reservation that was made before.
func (b *books) write(n int) {
	b.Helper()
	for range n {
		e := b.entry()
		if b.dice.IntN(3) > 0 {
			b.must(b.ledger.Append(b.ctx, []usage.Entry{e}))
			b.rows = append(b.rows, e)
			continue
		}
		e.CountedAt = e.CreatedAt.Add(-time.Duration(b.dice.IntN(200)) * time.Minute)
		h := &quota.Hold{Account: b.account, ID: conversation.NewID(), At: e.CountedAt, Anchor: 1, Kind: e.Kind,
			Subjects: quota.SubjectsOf(&e), Expires: time.Hour}
		for _, c := range h.Counters(quota.Day.Around(h.At, 1).Starts, quota.Month.Around(h.At, 1).Starts) {
			h.Caps = append(h.Caps, quota.Cap{Counter: c, Most: quota.NoLimit()})
		}
		b.must(b.quota.Reserve(b.ctx, h))
		_, err := b.quota.Settle(b.ctx, b.account, h.ID, []usage.Entry{e})
		b.must(err)
		e.Charged, e.Reservation = true, h.ID
		b.rows = append(b.rows, e)
	}
}

// rollUp rolls up at most so many rows.
func (b *books) rollUp(most int) int {
	b.Helper()
	n, err := b.db.Usage().RollUp(b.ctx, most)
	b.must(err)
	return n
}

// keyOf is what rows have in common, by hand.
var keyOf = map[usage.By]func(*usage.Entry) string{
	usage.ByDay:          func(*usage.Entry) string { return "" },
	usage.ByHour:         func(*usage.Entry) string { return "" },
	usage.ByModel:        (*usage.Entry).ModelID,
	usage.ByProvider:     func(e *usage.Entry) string { return e.Provider },
	usage.ByConversation: func(e *usage.Entry) string { return e.Conversation },
	usage.ByMember:       func(e *usage.Entry) string { return string(e.Member) },
	usage.ByKey:          func(e *usage.Entry) string { return e.KeyID },
	usage.ByKind:         func(e *usage.Entry) string { return string(e.Kind) },
	usage.ByAccount:      func(e *usage.Entry) string { return string(e.Account) },
}

// wantSums compares everything that can be asked of the store with what the rows
// say, added up one by one.
func (b *books) wantSums(what string) {
	b.Helper()
	for _, zone := range []string{"UTC", "Asia/Kathmandu", "America/New_York"} {
		loc, err := time.LoadLocation(zone)
		b.must(err)
		for by := range keyOf {
			r := usage.Range{From: moment.Add(-40 * time.Hour), To: moment.Add(40 * time.Hour), Zone: loc}
			if b.dice.IntN(3) > 0 {
				r.From, r.To = r.From.Add(time.Duration(b.dice.Int64N(int64(30*time.Hour)))), r.To.Add(-time.Duration(b.dice.Int64N(int64(30*time.Hour))))
			}
			b.wantTable(what, r, by)
		}
	}
}

func (b *books) wantTable(what string, r usage.Range, by usage.By) {
	b.Helper()
	bounds, err := r.Bounds(by)
	b.must(err)
	for _, of := range []usage.Whose{{Account: b.account}, {Account: b.account, Member: "someone else"}, {}} {
		groups, err := b.db.Usage().Sums(b.ctx, of, by, bounds)
		b.must(err)
		got := usage.Fold(by, groups, bounds, moment, r.Zone, 100)
		want := usage.Fold(by, b.real(of, by, r), bounds, moment, r.Zone, 100)
		if got.All != want.All || got.Uncharged != want.Uncharged || len(got.Rows) != len(want.Rows) {
			b.Fatalf("%s, by %s of %+v in %v: %+v, want %+v", what, by, of, r, got, want)
		}
		for i := range got.Rows {
			g, w := got.Rows[i], want.Rows[i]
			if g.Key != w.Key || g.All != w.All || g.Uncharged != w.Uncharged || g.Span != w.Span {
				b.Fatalf("%s, by %s of %+v in %v: row %d is %+v, want %+v", what, by, of, r, i, g, w)
			}
		}
	}
}

// real are a group for each row that is meant, by hand.
func (b *books) real(of usage.Whose, by usage.By, r usage.Range) (groups []usage.Group) {
	for i := range b.rows {
		e := &b.rows[i]
		if e.At().Before(r.From) || !e.At().Before(r.To) || of.Member != "" && of.Member != e.Member {
			continue
		}
		g := usage.Group{Key: keyOf[by](e), At: e.At(), All: usage.SumsOf(e)}
		if !e.Charged {
			g.Uncharged = g.All
		}
		groups = append(groups, g)
	}
	return groups
}

// rollups: sums are those of the rows, to the micro-dollar, whatever has been
// rolled up, and whatever comes late.
func rollups(w *world) {
	b := newBooks(w)
	wantEqual(w, "rolled up of nothing", b.rollUp(10), 0)
	b.wantSums("an empty ledger")
	b.write(60)
	b.wantSums("nothing rolled up")
	wantEqual(w, "rolled up", b.rollUp(25), 25)
	b.wantSums("some rolled up")
	again := b.rows[0]
	again.CostMicroUSD = 1 << 40
	w.must(w.ledger.Append(w.ctx, []usage.Entry{again})) // is there already
	left := len(b.rows) - 25
	for left > 0 {
		left -= b.rollUp(7)
	}
	wantEqual(w, "due", w.count(`SELECT count(*) FROM usage_due`), 0)
	b.wantSums("all rolled up")
	b.write(20) // of hours that are rolled up already
	b.wantSums("late rows")
	wantEqual(w, "late rows rolled up", b.rollUp(1000), 20)
	wantEqual(w, "rolled up again", b.rollUp(1000), 0)
	b.wantSums("late rows rolled up")
	drifted, err := w.db.Usage().Drift(w.ctx, "")
	w.must(err)
	if len(drifted) > 0 {
		w.Errorf("drifted: %+v", drifted)
	}
	b.wantOutcomes()
}

// wantOutcomes compares how calls ended.
func (b *books) wantOutcomes() {
	b.Helper()
	of := usage.Whose{Account: b.account}
	endings, err := b.db.Usage().Outcomes(b.ctx, of, moment.Add(-100*time.Hour), moment.Add(100*time.Hour))
	b.must(err)
	var calls, cost int64
	for _, e := range endings {
		calls, cost = calls+e.Calls, cost+e.MicroUSD
		var want usage.Ending
		for i := range b.rows {
			r := &b.rows[i]
			if r.ModelID() == e.Model && r.Kind == e.Kind && r.Outcome == e.Outcome && r.Finish == e.Finish && r.ErrorCode == e.ErrorCode {
				want.Calls, want.MicroUSD = want.Calls+1, want.MicroUSD+r.CostMicroUSD
				want.Retries += int64(r.Attempt - 1)
			}
		}
		if e.Calls != want.Calls || e.MicroUSD != want.MicroUSD || e.Retries != want.Retries {
			b.Errorf("%+v, want %+v", e, want)
		}
	}
	wantEqual(b.world, "calls that ended", calls, int64(len(b.rows)))
	took, err := b.db.Usage().Latencies(b.ctx, of, moment.Add(-100*time.Hour), moment.Add(100*time.Hour), 5)
	b.must(err)
	newest := slices.DeleteFunc(b.newest(), func(e usage.Entry) bool { return e.Kind != usage.Answer })
	for i := range took {
		if e := newest[i]; took[i].Total != e.Total || took[i].FirstToken != e.FirstToken || took[i].Model != e.ModelID() {
			b.Errorf("latency %d: %+v, want %+v", i, took[i], e)
		}
	}
	wantEqual(b.world, "latencies", len(took), 5)
}

// newest are the rows as the ledger tells them.
func (b *books) newest() []usage.Entry {
	return slices.SortedFunc(slices.Values(b.rows), func(x, y usage.Entry) int {
		return cmp.Or(y.At().Compare(x.At()), cmp.Compare(y.ID, x.ID))
	})
}

// ledgerPages: a walk through pages tells every row once, newest first, as it was
// written.
func ledgerPages(w *world) {
	b := newBooks(w)
	b.write(50)
	someone := identity.UserID("someone else")
	for what, q := range map[string]usage.PageQuery{
		"all":            {},
		"a model":        {Provider: "openai", Model: "m/1"},
		"a conversation": {Conversation: "c2"},
		"a member":       {Whose: usage.Whose{Member: someone}},
		"a range":        {From: moment.Add(-9 * time.Hour), To: moment.Add(5 * time.Hour)},
		"all of it":      {Provider: "demo", Model: "echo", Conversation: "c1", From: moment.Add(-20 * time.Hour), To: moment.Add(20 * time.Hour)},
	} {
		want := slices.DeleteFunc(b.newest(), func(e usage.Entry) bool {
			return q.Model != "" && (e.Provider != q.Provider || e.Model != q.Model) || q.Conversation != "" && e.Conversation != q.Conversation ||
				q.Member != "" && e.Member != q.Member || !q.From.IsZero() && (e.At().Before(q.From) || !e.At().Before(q.To))
		})
		var got []usage.Entry
		for q.Account, q.Limit = w.account, 3; ; {
			page, err := w.db.Usage().Page(w.ctx, q)
			w.must(err)
			if got = append(got, page...); len(page) == 0 {
				break
			}
			last := page[len(page)-1]
			q.After = &usage.Mark{At: last.At(), ID: last.ID}
		}
		if !slices.Equal(got, want) {
			w.Errorf("%s: %d rows\n%+v\nwant %d\n%+v", what, len(got), got, len(want), want)
		}
	}
}

// wantTold checks how keys are named to a reader.
func (w *world) wantTold(to usage.Reading, of []vault.Sealed, want ...string) {
	w.Helper()
	ids := []string{"env"}
	for i := range of {
		ids = append(ids, string(of[i].ID))
	}
	told, err := w.db.Usage().Keys(w.ctx, to, ids)
	w.must(err)
	wantEqual(w, "keys", len(told), len(want))
	for i := range of {
		wantEqual(w, fmt.Sprintf("key %d to %+v", i, to), told[string(of[i].ID)], want[i])
	}
}

// keysToReaders: labels and last characters are for those a key belongs to.
func keysToReaders(w *world) {
	account, other := w.newUser("bob")
	const servers, accounts, members = "the server's box key", "an account's box key", "a member's own box key"
	of := []vault.Sealed{w.addKey(vault.Server()), w.addKey(vault.Account(w.account)), w.addKey(vault.User(w.user))}
	w.wantTold(usage.Reading{Account: w.account, User: w.user}, of, servers, "Größe", "Größe")
	w.wantTold(usage.Reading{Account: w.account, User: other}, of, servers, "Größe", members)
	w.wantTold(usage.Reading{Account: account, User: other}, of, servers, accounts, members)
	w.wantTold(usage.Reading{}, of, servers, accounts, members)
	w.wantTold(usage.Reading{Operator: true}, of, "Größe", "Größe", "Größe")
}

// titlesOfUsage: what is there is named.
func titlesOfUsage(w *world) {
	chat, gone := w.newChat("my chat"), w.newChat("gone")
	w.must(w.chats.Delete(w.ctx, w.account, gone.ID, w.now()))
	ids := []string{string(chat.ID), string(gone.ID), conversation.NewID()}
	titles, err := w.db.Usage().Titles(w.ctx, w.account, ids)
	w.must(err)
	wantEqual(w, "titles", len(titles), 1)
	wantEqual(w, "title", titles[string(chat.ID)], "my chat")
	titles, err = w.db.Usage().Titles(w.ctx, "another", ids)
	w.must(err)
	wantEqual(w, "another's", len(titles), 0)
	names, err := w.db.Usage().Members(w.ctx, []string{string(w.user), "nobody"})
	w.must(err)
	accounts, err := w.db.Usage().Accounts(w.ctx, []string{string(w.account), "nobody"})
	w.must(err)
	labelled, bare := w.addKey(vault.Server()), w.aKey(vault.User(w.user))
	bare.Label = ""
	w.must(w.db.Keys().AddKey(w.ctx, bare))
	w.must(w.db.Keys().RemoveKey(w.ctx, vault.Server(), labelled.ID, w.now()))
	w.wantTold(usage.Reading{Operator: true}, []vault.Sealed{labelled, bare}, "Größe", "box cdef")
	if len(names) != 1 || names[string(w.user)] == "" || accounts[string(w.account)] != names[string(w.user)] {
		w.Errorf("members %v, accounts %v", names, accounts)
	}
	of, err := w.db.Usage().MembersOf(w.ctx, w.account)
	w.must(err)
	none, err := w.db.Usage().MembersOf(w.ctx, "another")
	w.must(err)
	if !maps.Equal(of, names) || len(none) != 0 {
		w.Errorf("members of the account %v, of another %v", of, none)
	}
}
