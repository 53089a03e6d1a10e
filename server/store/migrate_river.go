package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/aichat-term/aichat/migrations"
)

// riverVersion is the version of River's tables that step migrations.River makes.
// Another version of them is another step of ours, with its own number.
const riverVersion = 7

// riverStep makes River's tables by River's own migrations, as a step among ours:
// under the same lock, counted with them, and done before meta says so. Each of
// River's migrations is a transaction; what a failure leaves undone is done at
// the next try.
func (db *DB) riverStep(pool jobPool) *goose.Migration {
	if pool.pg != nil {
		return riverMigration(riverpgxv5.New(pool.pg))
	}
	return riverMigration(riversqlite.New(pool.lite))
}

// riverMigration says nothing itself: that the step was made is logged with the
// others.
func riverMigration[T any](driver riverdriver.Driver[T]) *goose.Migration {
	run := func(direction rivermigrate.Direction, target, schema int) *goose.GoFunc {
		return &goose.GoFunc{RunDB: func(ctx context.Context, pool *sql.DB) error {
			m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				return err
			}
			there, err := m.ExistingVersions(ctx)
			if err != nil {
				return err
			}
			if len(there) != max(target, 0) {
				if _, err := m.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: target}); err != nil {
					return err
				}
			}
			_, err = pool.ExecContext(ctx, `UPDATE meta SET schema = $1, minimum = $1`, schema)
			return err
		}}
	}
	return goose.NewGoMigration(migrations.River,
		run(rivermigrate.DirectionUp, riverVersion, migrations.River),
		run(rivermigrate.DirectionDown, -1, migrations.River-1)) // -1: all of them
}

// stepName is what people call a step.
func stepName(s *goose.Source) string {
	if s.Path == "" {
		return fmt.Sprintf("%05d_river", s.Version)
	}
	return s.Path
}
