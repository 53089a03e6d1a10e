package store

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

// What was committed comes into the file while it is used, without a commit that
// does it.
func TestTheLogIsCopied(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a.db")
	db, err := Open(ctx, Options{Database: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Identities().CreateUser(ctx, identity.User{ID: "u", Account: "a", Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	// So that the next commit begins the log anew, and what the file has is known.
	if _, err := db.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	before := sizeOf(t, path)
	for range commitsKept {
		c := conversation.Conversation{Account: "a", ID: conversation.ID(conversation.NewID()), Origin: conversation.FromChat,
			System: strings.Repeat("x", 4096)}
		if err := db.Conversations().Create(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	db.keeper.close() // when it is copied
	if after := sizeOf(t, path); after < before+commitsKept*4096 {
		t.Errorf("the file has grown by %d bytes", after-before)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
