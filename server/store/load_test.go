package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

// Load stores many messages at once: the rows that the store would write, by the
// means that each database has for a crowd. Each message carries a revision and
// a time that no other of its account has, on SQLite none at all.
func Load(ctx context.Context, db *DB, chunks iter.Seq[[]conversation.Message]) error {
	if db.dialect == &pgDialect {
		return loadPostgres(ctx, db, chunks)
	}
	return loadLite(ctx, db, chunks)
}

// places are those of messages that Load stores.
func places(some []conversation.Message) []int64 {
	all := make([]int64, len(some))
	for i := range some {
		all[i] = micros(some[i].CreatedAt)
	}
	return all
}

// claimRevisions moves each account's revision past those of its messages.
func claimRevisions(ctx context.Context, q querier, some []conversation.Message) error {
	counts := map[identity.AccountID]int{}
	for _, m := range some {
		counts[m.Account]++
	}
	for account, n := range counts {
		if _, err := bump(ctx, q, account, n); err != nil {
			return err
		}
	}
	return nil
}

// loadLite makes a transaction of each chunk, without waiting for the disk, and
// lets the index collect more words in memory before it writes them.
func loadLite(ctx context.Context, db *DB, chunks iter.Seq[[]conversation.Message]) (err error) {
	const hashSize = `INSERT INTO message_words (message_words, rank) VALUES ('hashsize', %d)`
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := execAll(ctx, conn, `PRAGMA synchronous = OFF`, `PRAGMA cache_size = -200000`, fmt.Sprintf(hashSize, 32<<20)); err != nil {
		return err
	}
	for chunk := range chunks {
		if err := loadLiteChunk(ctx, conn, chunk); err != nil {
			return err
		}
	}
	return execAll(ctx, conn, fmt.Sprintf(hashSize, 4<<20), `PRAGMA cache_size = -2000`, `PRAGMA synchronous = NORMAL`,
		`PRAGMA wal_checkpoint(TRUNCATE)`)
}

func loadLiteChunk(ctx context.Context, conn *sql.Conn, chunk []conversation.Message) (err error) {
	q, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = q.Rollback() }() // after a commit it does nothing
	if err := claimRevisions(ctx, q, chunk); err != nil {
		return err
	}
	insert, err := q.PrepareContext(ctx, messageInsert+tuples(1, 1, messageWidth))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, m := range chunk {
		row, err := messageArgs(m, micros(m.CreatedAt))
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	for i, place := range places(chunk) {
		m := queued{place, chunk[i].ID, chunk[i].Account, chunk[i].Conversation}
		if err := insertWords(ctx, q, &m, wordsOf(conversation.PlainText(chunk[i].Parts))); err != nil {
			return err
		}
	}
	return q.Commit()
}

// loadPostgres copies the rows into tables without their indexes, and makes those
// as they were afterwards.
func loadPostgres(ctx context.Context, db *DB, chunks iter.Seq[[]conversation.Message]) (err error) {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	indexes, err := dropIndexes(ctx, conn)
	if err != nil {
		return err
	}
	for chunk := range chunks {
		if err := claimRevisions(ctx, conn, chunk); err != nil {
			return err
		}
		if err := conn.Raw(func(driver any) error {
			return copyChunk(ctx, driver.(*stdlib.Conn).Conn(), chunk)
		}); err != nil {
			return err
		}
	}
	return execAll(ctx, conn, slices.Concat([]string{`SET maintenance_work_mem = '1GB'`}, indexes, []string{`RESET maintenance_work_mem`})...)
}

// dropIndexes drops the indexes that no key needs and returns how to make them.
func dropIndexes(ctx context.Context, conn *sql.Conn) (definitions []string, err error) {
	type index struct{ name, definition string }
	all, err := collect(ctx, conn, func(rows *sql.Rows) (i index, err error) { return i, rows.Scan(&i.name, &i.definition) },
		`SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('messages', 'message_words')
			AND indexname NOT IN (SELECT conname FROM pg_constraint)`)
	for _, i := range all {
		definitions = append(definitions, i.definition)
		err = errors.Join(err, execAll(ctx, conn, `DROP INDEX `+i.name))
	}
	return definitions, err
}

func copyChunk(ctx context.Context, conn *pgx.Conn, chunk []conversation.Message) error {
	columns := strings.Split(strings.NewReplacer("\n", "", "\t", "", " ", "").Replace(
		messageInsert[strings.Index(messageInsert, "(")+1:strings.Index(messageInsert, ")")]), ",")
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"messages"}, columns, pgx.CopyFromSlice(len(chunk), func(i int) ([]any, error) {
		return messageArgs(chunk[i], micros(chunk[i].CreatedAt))
	})); err != nil {
		return err
	}
	all := indexedOf(chunk, places(chunk))
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"message_words"}, []string{"account_id", "place", "index_words", "body"},
		pgx.CopyFromSlice(len(all), func(i int) ([]any, error) {
			return []any{all[i].account, all[i].place, vector(lexemes(all[i])), pgBody(all[i])}, nil
		}))
	return err
}

// vector is array_to_tsvector(string_to_array(words, ' ')); the server sorts it.
func vector(words string) pgtype.TSVector {
	split := strings.Split(words, " ")
	v := pgtype.TSVector{Valid: true, Lexemes: make([]pgtype.TSVectorLexeme, len(split))}
	for i, w := range split {
		v.Lexemes[i].Word = w
	}
	return v
}

func execAll(ctx context.Context, q querier, commands ...string) error {
	for _, c := range commands {
		if _, err := q.ExecContext(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	return nil
}
