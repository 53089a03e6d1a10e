package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/aichat-term/aichat/server/store"
)

// Variable names the environment variable with the URL of a server to use.
const Variable = "AICHAT_TEST_POSTGRES"

// URL returns the address of a fresh database with the current schema, which
// goes away when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	template, err := template()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, "TEMPLATE "+pgx.Identifier{template}.Sanitize())
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

// template is the name of a database with the current schema, made once in a
// process. Copying it is faster than running the migrations for every test.
var template = sync.OnceValues(func() (string, error) {
	server, err := admin()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	name := "aichat_template_" + fresh()
	if err := execute(ctx, server, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0"); err != nil {
		return "", err
	}
	_, _, err = store.Migrate(ctx, store.Options{Database: in(server, name)})
	return name, err
})

func create(t testing.TB, from string) string {
	t.Helper()
	server, err := admin()
	if err != nil {
		t.Fatal(err)
	}
	name := "aichat_test_" + fresh()
	quoted := pgx.Identifier{name}.Sanitize()
	if err := execute(t.Context(), server, "CREATE DATABASE "+quoted+" "+from); err != nil {
		t.Fatalf("a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(context.Background(), server, "DROP DATABASE "+quoted+" WITH (FORCE)"); err != nil {
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

func execute(ctx context.Context, address, command string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting to the Postgres of the tests: %w", err)
	}
	_, err = conn.Exec(ctx, command)
	if e := conn.Close(ctx); err == nil {
		err = e
	}
	return err
}
