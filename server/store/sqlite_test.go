package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
)

// newUser makes a user and returns the account.
func newUser(t testing.TB, db *store.DB) identity.AccountID {
	t.Helper()
	u := identity.User{ID: identity.UserID(conversation.NewID()), Name: "ann",
		Account: identity.AccountID(conversation.NewID()), CreatedAt: time.Unix(1_700_000_000, 0)}
	if err := db.Identities().CreateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u.Account
}

func newChat(account identity.AccountID, title string) conversation.Conversation {
	at := time.Unix(1_700_000_000, 0).UTC()
	return conversation.Conversation{Account: account, ID: conversation.ID(conversation.NewID()), Title: title,
		Origin: conversation.FromChat, Listed: true, CreatedAt: at, UpdatedAt: at}
}

// wantUnavailable checks the kind, and that the sentence says each of words.
func wantUnavailable(t *testing.T, err error, words ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Unavailable {
		t.Fatalf("got %v, want unavailable", err)
	}
	for _, w := range words {
		if !strings.Contains(f.Public(), w) {
			t.Errorf("%q does not say %q", f.Public(), w)
		}
	}
}

func TestAFileHasOneProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, store.Options{Database: path})
	if !db.Exclusive() {
		t.Error("a SQLite file is not exclusive")
	}
	_, err := store.Open(t.Context(), store.Options{Database: path})
	wantUnavailable(t, err, path, "another aichat-server", "stop that one")
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // its files have no such modes
	}
	dir := filepath.Join(t.TempDir(), "new", "folder")
	db := open(t, store.Options{Database: filepath.Join(dir, "a.db")})
	newUser(t, db)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 3 {
		t.Errorf("only %d files", len(files))
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	if _, err := db.Read().ExecContext(t.Context(), `DELETE FROM accounts`); err == nil {
		t.Error("a reader wrote")
	}
}

// limitPages lets the file grow by that many pages only.
func limitPages(t *testing.T, db *store.DB, more int) {
	t.Helper()
	var pages int
	if err := db.Write().QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Write().ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+more)); err != nil {
		t.Fatal(err)
	}
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	account := newUser(t, db)
	kept := newChat(account, "kept")
	if err := db.Conversations().Create(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	limitPages(t, db, 2)
	big := newChat(account, "big")
	big.System = strings.Repeat("x", 100_000)
	wantUnavailable(t, db.Conversations().Create(t.Context(), big), "disk is full")
	if _, err := db.Conversations().Get(t.Context(), account, kept.ID); err != nil {
		t.Error(err)
	}
	if _, err := db.Conversations().Get(t.Context(), account, big.ID); !fault.Is(err, fault.NotFound) {
		t.Error("half of it was stored")
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter, no database\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), store.Options{Database: path})
	wantUnavailable(t, err, "backup")
}

func TestNoDatabase(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "mysql://host/db"} {
		_, err := store.Open(t.Context(), store.Options{Database: address})
		wantUnavailable(t, err, "SQLite file", "postgres://")
	}
	_, err := store.Open(t.Context(), store.Options{Database: "postgres://user:secret@host:port/x"})
	wantUnavailable(t, err, "postgres://")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is in %q", err)
	}
}

// childVariable tells the test binary, started again by a test, what to do.
const childVariable = "AICHAT_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	role, path, isChild := strings.Cut(os.Getenv(childVariable), ":")
	if !isChild {
		os.Exit(m.Run())
	}
	if err := children[role](path); err != nil {
		fmt.Println("error:", fault.Of(err).Public())
		os.Exit(1)
	}
}

var children = map[string]func(path string) error{"write": writeForEver, "ask": askForEver, "read-only": openReadOnly, "open": openOnce}

// child starts this binary again in a role, with the lines that it prints.
func child(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+role+":"+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// writeForEver creates conversations and prints the id of each that is stored.
func writeForEver(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Database: path})
	if err != nil {
		return err
	}
	u, err := db.Identities().LocalOwner(ctx)
	if err != nil {
		return err
	}
	for {
		c := newChat(u.Account, "kept")
		if err := db.Conversations().Create(ctx, c); err != nil {
			return err
		}
		fmt.Println(c.ID)
	}
}

// TestKilledWriterLosesNothing kills a process in the middle of its writing: what
// it said to have stored is there, and its lock is not.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	cmd, lines := child(t, "write", path)
	var ids []conversation.ID
	for len(ids) < 200 && lines.Scan() {
		ids = append(ids, conversation.ID(lines.Text()))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("no write-ahead log is left: %v", err)
	}
	db := open(t, store.Options{Database: path})
	u, err := db.Identities().LocalOwner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) < 200 {
		t.Fatalf("the child stored %d", len(ids))
	}
	for _, id := range ids {
		if _, err := db.Conversations().Get(t.Context(), u.Account, id); err != nil {
			t.Fatal(err)
		}
	}
	var check string
	if err := db.Read().QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity: %s %v", check, err)
	}
}

func openOnce(path string) error {
	db, err := store.Open(context.Background(), store.Options{Database: path})
	if err != nil {
		return err
	}
	fmt.Println("opened")
	return db.Close()
}

// TestTwoStartsMigrateOnce starts several processes on a new file: some may find
// it in use, none may find it half made.
func TestTwoStartsMigrateOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	type running struct {
		cmd   *exec.Cmd
		lines *bufio.Scanner
	}
	var all []running
	for range 4 {
		cmd, lines := child(t, "open", path)
		all = append(all, running{cmd, lines})
	}
	opened := 0
	for _, r := range all {
		for r.lines.Scan() {
			switch line := r.lines.Text(); {
			case line == "opened":
				opened++
			case !strings.Contains(line, "in use by another"):
				t.Errorf("a child says %q", line)
			}
		}
		var exit *exec.ExitError
		if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) {
			t.Error(err)
		}
	}
	if opened == 0 {
		t.Error("no process could open the file")
	}
	open(t, store.Options{Database: path})
}
