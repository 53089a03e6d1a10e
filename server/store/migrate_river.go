package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/aichat-term/aichat/migrations"
)

// riverVersion is the version of River's tables that step migrations.River makes.
// Another version of them is another step of ours, with its own number.
const riverVersion = 7

// everything is rivermigrate's word for what goes down.
const everything = -1

// riverStep makes River's tables by River's own migrations, as a step among ours:
// under the same lock, counted with them, and done before meta says so.
//
// On SQLite it is one transaction. On Postgres each of River's migrations is one,
// and what a failure leaves undone is done at the next try.
func (db *DB) riverStep(direct jobPool) *goose.Migration {
	run := func(direction rivermigrate.Direction, target, schema int) *goose.GoFunc {
		options := &rivermigrate.MigrateOpts{TargetVersion: target}
		if direct.pg == nil {
			return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
				m, err := rivermigrate.New(riversqlite.New(nil), &rivermigrate.Config{Logger: db.log})
				if err != nil {
					return err
				}
				if _, err := m.MigrateTx(ctx, tx, direction, options); err != nil {
					return err
				}
				return setSchema(ctx, tx, schema)
			}}
		}
		return &goose.GoFunc{RunDB: func(ctx context.Context, pool *sql.DB) error {
			m, err := rivermigrate.New(riverpgxv5.New(direct.pg), &rivermigrate.Config{Logger: db.log})
			if err != nil {
				return err
			}
			there, err := m.ExistingVersions(ctx)
			if err != nil {
				return err
			}
			if direction == rivermigrate.DirectionDown || len(there) < target {
				if _, err := m.Migrate(ctx, direction, options); err != nil {
					return err
				}
			}
			return setSchema(ctx, pool, schema)
		}}
	}
	return goose.NewGoMigration(migrations.River,
		run(rivermigrate.DirectionUp, riverVersion, migrations.River),
		run(rivermigrate.DirectionDown, everything, migrations.River-1))
}

// setSchema is what every step ends with.
func setSchema(ctx context.Context, q querier, version int) error {
	_, err := q.ExecContext(ctx, `UPDATE meta SET schema = $1, minimum = $1`, version)
	return err
}

// stepName is what people call a step.
func stepName(s *goose.Source) string {
	if s.Path == "" {
		return fmt.Sprintf("%05d_river", s.Version)
	}
	return s.Path
}
