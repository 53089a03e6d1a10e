package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// telling are words that a person is known by. Each is somewhere in the database
// before the user is deleted, and in no column of any table afterwards.
var telling = []string{"Zenobia", "zenobia@palmyra.example", "zenobia-at-work", "https://id.example/zenobia.png", "zenobias-laptop",
	"198.51.100.77", "queen of the desert", "aurelian", "Palmyra/Time", "zenobias-script", "zz-ZZ", "demo/zenobia"}

func TestNothingOfADeletedUserStays(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		user, account := zenobia(t, db)
		before := dump(t, db)
		for _, word := range telling {
			if !strings.Contains(before, word) {
				t.Errorf("%q was nowhere: the test is no test", word)
			}
		}
		must(t, db.Identities().DeleteUser(t.Context(), user))
		after := dump(t, db)
		for _, word := range telling {
			if at := strings.Index(after, word); at >= 0 {
				t.Errorf("%q is still there: …%s…", word, after[max(0, at-100):min(len(after), at+100)])
			}
		}
		// What stays is known by ids that lead nowhere, and the ledger to the row.
		if n, err := peek(t.Context(), db, `SELECT count(*) FROM usage_ledger WHERE account_id = $1`, string(account)); err != nil || n != 1 {
			t.Errorf("%d rows of the ledger: %v", n, err)
		}
		if n, err := peek(t.Context(), db, `SELECT count(*) FROM audit_events`); err != nil || n != 2 {
			t.Errorf("%d security events: %v", n, err)
		}
	})
}

// zenobia lives a full life on the server.
func zenobia(t *testing.T, db *store.DB) (identity.UserID, identity.AccountID) {
	t.Helper()
	ctx, now, who, door := t.Context(), time.Now(), db.Identities(), db.SignIn()
	u := identity.User{ID: identity.UserID(conversation.NewID()), Account: identity.AccountID(conversation.NewID()), CreatedAt: now,
		Name: "Zenobia", Email: "zenobia@palmyra.example", AvatarURL: "https://id.example/zenobia.png", Locale: "zz-ZZ",
		TimeZone: "Palmyra/Time", DefaultModel: "demo/zenobia"}
	letter := mail.Letter{Name: "welcome", To: u.Email, Data: map[string]string{"name": u.Name}}
	must(t, door.Invite(ctx, signin.Invitation{Mailbox: u.Email, By: "operator", CreatedAt: now}, &letter))
	must(t, door.SignUp(ctx, signin.SignUp{User: u, Invited: u.Email, At: now, Welcome: &letter,
		External: identity.External{Issuer: "https://id.example", Subject: "zenobia-at-work", Email: u.Email, EmailVerified: true, CreatedAt: now}}))

	b := signin.Browser{Hash: identity.Hash("browser"), User: u.ID, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
	must(t, door.AddBrowser(ctx, b))
	other := signin.Browser{Hash: identity.Hash("somebody's"), CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
	must(t, door.AddBrowser(ctx, other))
	must(t, door.AddEmailCode(ctx, signin.EmailCode{Mailbox: u.Email, BrowserHash: other.Hash, CodeHash: []byte("c"), CreatedAt: now,
		ExpiresAt: now.Add(time.Hour)}, letter))
	for _, code := range []string{"claimed", "approved"} {
		d := signin.Device{CodeHash: identity.Hash(code), UserCodeHash: identity.Hash("user " + code), Name: "zenobias-laptop",
			Address: "198.51.100.77", CreatedAt: now, ExpiresAt: now.Add(time.Hour), Interval: time.Second}
		must(t, door.AddDevice(ctx, d))
		_, err := door.DecideDevice(ctx, d.UserCodeHash, u.ID, true, now)
		must(t, err)
	}
	_, err := door.ClaimDevice(ctx, identity.Hash("claimed"), signin.Opening{AccessHash: []byte("a"), RefreshHash: []byte("r"),
		AccessExpiresAt: now.Add(time.Hour), Session: identity.Session{ID: conversation.NewID(), Device: "zenobias-laptop",
			Address: "198.51.100.77", CreatedAt: now, SeenAt: now, IdleUntil: now.Add(time.Hour), ExpiresAt: now.Add(time.Hour)}})
	must(t, err)
	must(t, who.AddToken(ctx, identity.Token{ID: conversation.NewID(), User: u.ID, Name: "zenobias-script", Hash: []byte("t"), CreatedAt: now}))
	must(t, who.Record(ctx, identity.Event{What: identity.SignedIn, User: u.ID, Address: "198.51.100.77", Detail: "As Zenobia."}))
	must(t, who.Record(ctx, identity.Event{What: identity.UserInvited, By: "operator", Detail: "Invited zenobia@palmyra.example."}))
	talk(t, db, u, now)
	return u.ID, u.Account
}

// talk leaves a question, its answer, and another that has only begun.
func talk(t *testing.T, db *store.DB, u identity.User, now time.Time) {
	t.Helper()
	ctx := t.Context()
	ask := func() turn.Record {
		rec, _, err := db.Turns().Begin(ctx, turn.BeginParams{
			Record: turn.Record{Ref: turn.Ref{Account: u.Account, ID: conversation.MessageID(conversation.NewID())}, Owner: "p",
				Conversation: conversation.ID(conversation.NewID()), Member: u.ID, Model: "demo/zenobia"},
			Ask: &conversation.Message{ID: conversation.MessageID(conversation.NewID()), CreatedAt: now,
				Parts: []conversation.Part{{Type: conversation.Text, Text: "queen of the desert"}}},
			Create: &conversation.Conversation{Title: "queen of the desert", Origin: conversation.FromChat}, Lease: time.Minute, Now: now,
		})
		must(t, err)
		return rec
	}
	rec := ask()
	_, _, err := db.Turns().Finish(ctx, turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed, Now: now,
		Answer: conversation.Message{State: conversation.Complete, CreatedAt: now, FinishedAt: now,
			Parts: []conversation.Part{{Type: conversation.Text, Text: "aurelian"}}}})
	must(t, err)
	rec = ask()
	_, _, err = db.Turns().Checkpoint(ctx, "p", time.Minute, []turn.Ref{rec.Ref},
		[]turn.Chunk{{Ref: rec.Ref, Epoch: rec.Epoch, Text: []byte("aurelian")}})
	must(t, err)
	must(t, db.Ledger().Append(ctx, []usage.Entry{{Account: u.Account, Member: u.ID, ID: conversation.NewID(), Attempt: 1, CreatedAt: now}}))
	query := conversation.SearchQuery{Query: conversation.ParseQuery("aurelian"), Limit: 1}
	if hits, err := db.Conversations().Search(ctx, u.Account, query); err != nil || len(hits) != 1 { // which indexes all that waits
		t.Fatalf("%d hits: %v", len(hits), err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// dump is all that the tables hold, as text. SQLite's full-text index is left
// out: its own pages keep a word without saying whose until they are merged.
func dump(t *testing.T, db *store.DB) string {
	t.Helper()
	names := `SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()`
	if db.Exclusive() {
		names = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'message_words_%'`
	}
	var text strings.Builder
	for _, name := range readAll(t, db, names) {
		for _, row := range readAll(t, db, `SELECT * FROM `+name[0].(string)) { //nolint:unqueryvet // every column there is, also those to come
			for _, value := range row {
				if b, ok := value.([]byte); ok {
					value = string(b)
				}
				_, _ = fmt.Fprint(&text, value, " ") // a Builder takes everything
			}
			text.WriteByte('\n')
		}
	}
	return text.String()
}

// readAll reads all rows of a query.
func readAll(t *testing.T, db *store.DB, query string) (all [][]any) {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), query)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	columns, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		must(t, rows.Scan(into...))
		all = append(all, row)
	}
	must(t, rows.Err())
	return all
}
