package store_test

import (
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
)

// TestUpgradeOfTurns: what was said, and a turn that was running, is there after
// its tables have been made anew, is still held together by its keys, and ends.
func TestUpgradeOfTurns(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		chat, running := fillBeforeFewerPages(t, o)
		db := open(t, o)
		ctx, account := t.Context(), chat.Account

		branch, err := db.Conversations().Branch(ctx, account, chat.ID, "", "", 0)
		if err != nil || len(branch) != 3 || branch[1].Parts[0].Text != "hello" {
			t.Fatalf("%+v, %v", branch, err)
		}
		ratings, err := db.Conversations().RatingsOf(ctx, account, "u", []conversation.MessageID{branch[1].ID})
		if err != nil || ratings[branch[1].ID].Reason != "short" {
			t.Errorf("%+v, %v", ratings, err)
		}
		hits, err := db.Conversations().Search(ctx, account, conversation.SearchQuery{Query: conversation.ParseQuery("hello"), Limit: 5})
		if err != nil || len(hits) != 1 {
			t.Errorf("%+v, %v", hits, err)
		}
		if text, _, err := db.Turns().Chunks(ctx, running.Ref, 0); err != nil || string(text) != "hello" {
			t.Errorf("%q, %v", text, err)
		}
		wantKeysHold(t, db, chat, running)
		oneEnd(t, db, running)
		oneTurn(t, db, account, chat.ID)
		wantSound(t, db, o)
	})
}

// fillBeforeFewerPages makes a database of the schema before turns' tables were
// made anew: a conversation whose first answer is rated and whose second is running.
func fillBeforeFewerPages(t *testing.T, o store.Options) (conversation.Conversation, turn.Record) {
	t.Helper()
	const before = 9
	db, err := store.Blank(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.MigrateUp(t.Context(), o, before); err != nil {
		t.Fatal(err)
	}
	chat := newChat(newUser(t, db), "x")
	if err := db.Conversations().Create(t.Context(), chat); err != nil {
		t.Fatal(err)
	}
	answered := oneTurn(t, db, chat.Account, chat.ID)
	if err := db.Conversations().Rate(t.Context(), chat.Account, conversation.Rating{Message: answered.ID, User: "u", Verdict: conversation.Up,
		Reason: "short", RatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	running := oneBeginning(t, db, chat.Account, chat.ID, answered.ID)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return chat, running
}

// wantKeysHold checks that rows which belong to others cannot lose them.
func wantKeysHold(t *testing.T, db *store.DB, chat conversation.Conversation, running turn.Record) {
	t.Helper()
	for what, text := range map[string]string{
		"a turn with chunks":         `DELETE FROM turns WHERE account_id = $1 AND id = $2`,
		"a rated answer's rating":    `UPDATE message_ratings SET message_id = $2 WHERE account_id = $1`,
		"a conversation of messages": `DELETE FROM conversations WHERE account_id = $1 AND $2 <> ''`,
	} {
		if _, err := db.Write().ExecContext(t.Context(), text, chat.Account, running.ID); err == nil {
			t.Errorf("%s was parted", what)
		}
	}
}

// wantSound lets SQLite look through its file.
func wantSound(t *testing.T, db *store.DB, o store.Options) {
	t.Helper()
	if o.Database[0] != '/' {
		return // Postgres has no such check, and needs none
	}
	var check string
	if err := db.Read().QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity: %s %v", check, err)
	}
	var broken int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&broken); err != nil || broken > 0 {
		t.Errorf("%d broken references, %v", broken, err)
	}
}
