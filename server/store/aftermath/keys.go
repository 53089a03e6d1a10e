package aftermath

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// keyless checks that no test's key stands in the database.
func keyless(t testing.TB, database string) {
	t.Helper()
	dump, err := Dump(context.Background(), database)
	if err != nil {
		t.Errorf("reading what the test left: %v", err)
	}
	for where, text := range dump {
		for _, face := range []string{Canary, hex.EncodeToString([]byte(Canary))} {
			if at := bytes.Index(text, []byte(face)); at >= 0 {
				t.Errorf("%s holds a key: %q…", where, text[max(0, at-100):at])
			}
		}
	}
}

// Dump is all that a database holds, by where it stands: a file of SQLite's as it
// is, a table of Postgres' as text, with bytes in hexadecimal.
func Dump(ctx context.Context, database string) (map[string][]byte, error) {
	if strings.HasPrefix(database, "postgres") {
		return tables(ctx, database)
	}
	return files(database)
}

// files reads the file and what SQLite has put beside it.
func files(database string) (map[string][]byte, error) {
	dump := map[string][]byte{}
	for _, suffix := range []string{"", "-wal", "-journal"} {
		switch text, err := os.ReadFile(database + suffix); {
		case err == nil:
			dump[filepath.Base(database)+suffix] = text
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return dump, nil
}

// tablesText lists the tables that hold anything, as one would write them.
const tablesText = `SELECT oid::regclass::text FROM pg_class
	WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0`

// tables reads them as text.
func tables(ctx context.Context, database string) (dump map[string][]byte, err error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, tablesText)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	dump = map[string][]byte{}
	for _, name := range names {
		var text bytes.Buffer
		if _, err := conn.PgConn().CopyTo(ctx, &text, `COPY `+name+` TO STDOUT`); err != nil {
			return nil, err
		}
		dump[name] = text.Bytes()
	}
	return dump, nil
}
