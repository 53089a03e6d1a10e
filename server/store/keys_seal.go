package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// NotSealedBy implements vault.Store.
func (s *Keys) NotSealedBy(ctx context.Context, master string, after vault.KeyID, most int) (all []vault.Sealed, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanSealed, `SELECT `+keyColumns+`, box FROM provider_keys
			WHERE removed_at = 0 AND master_key <> $1 AND id > $2 ORDER BY id LIMIT $3`, master, after, most)
		return err
	})
	return all, err
}

// Reseal implements vault.Store. Rows are written in the order of their ids,
// whoever asks.
func (s *Keys) Reseal(ctx context.Context, some []vault.Resealed) (done int64, err error) {
	some = slices.SortedFunc(slices.Values(some), func(a, b vault.Resealed) int { return cmp.Compare(a.ID, b.ID) })
	err = s.db.tx(ctx, func(q querier) error {
		done = 0
		for _, r := range some {
			n, err := affected(ctx, q, `UPDATE provider_keys SET box = $3, master_key = $4
				WHERE id = $1 AND removed_at = 0 AND box = $2`, r.ID, r.From, r.To, r.MasterKey)
			if err != nil {
				return err
			}
			done += n
		}
		return keysChanged(ctx, q)
	})
	return done, err
}

func scanMasterUse(rows *sql.Rows) (u vault.MasterUse, err error) {
	return u, rows.Scan(&u.MasterKey, &u.Enabled, &u.Disabled)
}

// MasterKeys implements vault.Store.
func (s *Keys) MasterKeys(ctx context.Context) (all []vault.MasterUse, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanMasterUse, `SELECT master_key,
			CAST(sum(CASE WHEN disabled THEN 0 ELSE 1 END) AS BIGINT), CAST(sum(CASE WHEN disabled THEN 1 ELSE 0 END) AS BIGINT)
			FROM provider_keys WHERE removed_at = 0 GROUP BY master_key ORDER BY master_key`)
		return err
	})
	return all, err
}

// NoteKeys implements vault.Store. A note that is older than what is known changes
// nothing; one that a key has served ends its trouble.
func (s *Keys) NoteKeys(ctx context.Context, notes []vault.Note) error {
	if len(notes) == 0 {
		return nil
	}
	notes = slices.SortedFunc(slices.Values(notes), func(a, b vault.Note) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), a.At.Compare(b.At))
	})
	return s.db.tx(ctx, func(q querier) error {
		for _, n := range notes {
			if err := noteKey(ctx, q, n); err != nil {
				return err
			}
		}
		return nil
	})
}

func noteKey(ctx context.Context, q querier, n vault.Note) error {
	trouble, at := "", time.Time{}
	if n.Trouble != fault.Internal {
		trouble, at = n.Trouble.String(), n.At
	}
	_, err := q.ExecContext(ctx, `UPDATE provider_keys SET trouble = $3, trouble_at = $4, used_at = $2
		WHERE id = $1 AND used_at <= $2 AND trouble_at <= $2`, n.Key, micros(n.At), trouble, micros(at))
	return err
}
