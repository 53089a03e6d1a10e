package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/aichat-term/aichat/migrations"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/aftermath"
)

// Variable names the environment variable with the URL of a server to use.
const Variable = "AICHAT_TEST_POSTGRES"

// URL returns the address of a fresh database with the current schema, which is
// looked at (see aftermath) and goes away when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	template, err := template()
	if err != nil {
		t.Fatal(err)
	}
	database := create(t, "TEMPLATE "+quote(template))
	aftermath.Expect(t, database)
	return database
}

// Empty returns the address of a fresh database without a schema.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "TEMPLATE template0")
}

// admin is the address of the server, found or started once in a process.
var admin = sync.OnceValues(func() (string, error) {
	if address := os.Getenv(Variable); address != "" {
		return address, nil
	}
	return start()
})

// template is the name of a database with the current schema. Copying it is
// faster than running the migrations for every test; it is named after them and
// stays, for other test processes on the same server.
var template = sync.OnceValues(func() (name string, err error) {
	server, err := admin()
	if err != nil {
		return "", err
	}
	sum, err := migrationsDigest()
	if err != nil {
		return "", err
	}
	name = "aichat_template_" + sum
	ctx := context.Background()
	conn, err := connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }() // which unlocks, too
	const lock = 0x61696368
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return "", err
	}
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return name, err
	}
	return name, makeTemplate(ctx, conn, server, name)
})

// makeTemplate migrates a database under another name first: what has the name
// is whole.
func makeTemplate(ctx context.Context, conn *pgx.Conn, server, name string) error {
	draft := "aichat_draft_" + fresh()
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+quote(draft)+" TEMPLATE template0"); err != nil {
		return err
	}
	if _, _, err := store.Migrate(ctx, store.Options{Database: in(server, draft)}); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "ALTER DATABASE "+quote(draft)+" RENAME TO "+quote(name))
	return err
}

// migrationsDigest names the schema: a digest of all steps.
func migrationsDigest() (string, error) {
	steps := migrations.Postgres()
	files, err := fs.ReadDir(steps, ".")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, migrations.Version) // some steps are no files
	for _, f := range files {
		text, err := fs.ReadFile(steps, f.Name())
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", f.Name(), len(text), text) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil)[:12]), nil
}

func create(t testing.TB, from string) string {
	t.Helper()
	server, err := admin()
	if err != nil {
		t.Fatal(err)
	}
	name := "aichat_test_" + fresh()
	if err := execute(t.Context(), server, "CREATE DATABASE "+quote(name)+" "+from); err != nil {
		t.Fatalf("a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(context.Background(), server, "DROP DATABASE "+quote(name)+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return in(server, name)
}

func fresh() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// in is the server's address with another database.
func in(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // connecting says what is wrong with it
	}
	u.Path = "/" + database
	return u.String()
}

// With is the address with one more option, or with another value of it.
func With(address, option, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // connecting says what is wrong with it
	}
	q := u.Query()
	q.Set(option, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func connect(ctx context.Context, address string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("connecting to the Postgres of the tests: %w", err)
	}
	return conn, nil
}

func execute(ctx context.Context, address, command string) error {
	conn, err := connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, command)
	return errors.Join(err, conn.Close(ctx))
}
