package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/vault"
)

// Keys implements vault.Store.
type Keys struct{ db *DB }

// Keys returns the store of provider keys.
func (db *DB) Keys() *Keys { return &Keys{db} }

const keyColumns = `id, owner, COALESCE(account_id, user_id, ''), provider, api, base_url, label, hint, weight, disabled,
	created_at, created_by, used_at, trouble, trouble_at, master_key, removed_at`

// keyRow is a key on its way out of the database.
type keyRow struct {
	key                               vault.Key
	trouble                           string
	created, used, troubleAt, removed int64
}

func (r *keyRow) fields() []any {
	k := &r.key
	return []any{&k.ID, &k.Owner.Kind, &k.Owner.ID, &k.Provider, &k.API, &k.BaseURL, &k.Label, &k.Hint, &k.Weight, &k.Disabled,
		&r.created, &k.CreatedBy, &r.used, &r.trouble, &r.troubleAt, &k.MasterKey, &r.removed}
}

func (r *keyRow) done() vault.Key {
	k := r.key
	k.CreatedAt, k.UsedAt, k.RemovedAt = fromMicros(r.created), fromMicros(r.used), fromMicros(r.removed)
	k.Trouble = vault.Trouble{Kind: kindNamed(r.trouble), At: fromMicros(r.troubleAt)}
	return k
}

// kindNamed finds a kind by its text; Internal where it is none's.
func kindNamed(name string) fault.Kind {
	for _, k := range fault.Kinds() {
		if k.String() == name {
			return k
		}
	}
	return fault.Internal
}

func scanKey(rows *sql.Rows) (vault.Key, error) {
	var r keyRow
	err := rows.Scan(r.fields()...)
	return r.done(), err
}

func scanSealed(rows *sql.Rows) (s vault.Sealed, err error) {
	var r keyRow
	err = rows.Scan(append(r.fields(), &s.Box)...)
	s.Key = r.done()
	return s, err
}

// keysChanged makes the vault's revision greater. It is the last statement of its
// transaction, so that revisions become visible in their order.
func keysChanged(ctx context.Context, q querier) error {
	_, err := q.ExecContext(ctx, `UPDATE provider_keys_rev SET rev = rev + 1`)
	return err
}

// Revision implements vault.Store.
func (s *Keys) Revision(ctx context.Context) (rev int64, err error) {
	err = s.db.view(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT rev FROM provider_keys_rev`).Scan(&rev)
	})
	return rev, err
}

var errNoKey = fault.New(fault.NotFound, "There is no such key.")

// ownerIDs are the account and the user of an owner, NULL where it is none.
func ownerIDs(o vault.Owner) (account, user any) {
	switch o.Kind {
	case vault.OfAccount:
		return o.ID, nil
	case vault.OfUser:
		return nil, o.ID
	}
	return nil, nil
}

// AddKey implements vault.Store.
func (s *Keys) AddKey(ctx context.Context, k vault.Sealed) error {
	if err := checkTexts(named{"the id", string(k.ID)}, named{"the provider", k.Provider}, named{"the dialect", k.API},
		named{"the base URL", k.BaseURL}, named{"the label", k.Label}); err != nil {
		return err
	}
	account, user := ownerIDs(k.Owner)
	return s.db.tx(ctx, func(q querier) error {
		if k.Owner.Kind == vault.OfAccount { // its row is locked, so that it is not closed meanwhile
			if _, err := bump(ctx, q, identity.AccountID(k.Owner.ID), 0); err != nil {
				return err
			}
		}
		n, err := affected(ctx, q, `INSERT INTO provider_keys (id, owner, account_id, user_id, provider, api, base_url, label, hint, weight,
			disabled, created_at, created_by, master_key, box) VALUES `+tuples(1, 1, 15)+` ON CONFLICT DO NOTHING`,
			k.ID, k.Owner.Kind, account, user, k.Provider, k.API, k.BaseURL, k.Label, k.Hint, k.Weight,
			k.Disabled, micros(k.CreatedAt), k.CreatedBy, k.MasterKey, k.Box)
		switch {
		case s.db.dialect.classify(err) == conflict:
			return fault.Wrap(err, fault.NotFound, "There is nobody whom the key could belong to.")
		case err != nil:
			return err
		case n == 0:
			return fault.New(fault.IDConflict, "There is a key of that id already.")
		}
		return keysChanged(ctx, q)
	})
}

// ownedBy is a condition that selects an owner's keys, and its value; the server's
// has none.
func ownedBy(o vault.Owner, place int) (condition string, value []any) {
	switch o.Kind {
	case vault.OfAccount:
		return `account_id = ` + placeholder(place), []any{o.ID}
	case vault.OfUser:
		return `user_id = ` + placeholder(place), []any{o.ID}
	}
	return `owner = 'server'`, nil
}

// FindKey implements vault.Store.
func (s *Keys) FindKey(ctx context.Context, o vault.Owner, id vault.KeyID) (k vault.Sealed, err error) {
	condition, value := ownedBy(o, 2)
	err = s.db.view(ctx, func(q querier) error {
		var r keyRow
		ok, err := found(q.QueryRowContext(ctx, `SELECT `+keyColumns+`, box FROM provider_keys WHERE id = $1 AND `+condition,
			append([]any{id}, value...)...), append(r.fields(), &k.Box)...)
		if err == nil && !ok {
			return errNoKey
		}
		k.Key = r.done()
		return err
	})
	return k, err
}

// KeysOf implements vault.Store.
func (s *Keys) KeysOf(ctx context.Context, owners ...vault.Owner) (all []vault.Sealed, err error) {
	if len(owners) == 0 {
		return nil, nil
	}
	var conditions []string
	var values []any
	for _, o := range owners {
		condition, value := ownedBy(o, len(values)+1)
		conditions, values = append(conditions, condition), append(values, value...)
	}
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanSealed, `SELECT `+keyColumns+`, box FROM provider_keys
			WHERE removed_at = 0 AND (`+strings.Join(conditions, " OR ")+`) ORDER BY created_at, id`, values...)
		return err
	})
	return all, err
}

// AllKeys implements vault.Store.
func (s *Keys) AllKeys(ctx context.Context) (all []vault.Key, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanKey, `SELECT `+keyColumns+` FROM provider_keys WHERE removed_at = 0 ORDER BY created_at, id`)
		return err
	})
	return all, err
}

// KeyNames implements vault.Store.
func (s *Keys) KeyNames(ctx context.Context, ids []vault.KeyID) (map[vault.KeyID]vault.Key, error) {
	known := make(map[vault.KeyID]vault.Key, len(ids))
	err := s.db.view(ctx, func(q querier) error {
		return batches(ids, func(some []vault.KeyID) error {
			in, values := among(some)
			all, err := collect(ctx, q, scanKey, `SELECT `+keyColumns+` FROM provider_keys WHERE id IN (`+in+`)`, values...)
			for _, k := range all {
				known[k.ID] = k
			}
			return err
		})
	})
	return known, err
}

// ChangeKey implements vault.Store.
func (s *Keys) ChangeKey(ctx context.Context, o vault.Owner, id vault.KeyID, c vault.Change) (k vault.Key, err error) {
	if c.Label != nil {
		if err := checkTexts(named{"the label", *c.Label}); err != nil {
			return k, err
		}
	}
	condition, value := ownedBy(o, 5)
	err = s.db.tx(ctx, func(q querier) error {
		var r keyRow
		ok, err := found(q.QueryRowContext(ctx, `UPDATE provider_keys SET label = COALESCE(CAST($2 AS TEXT), label),
			weight = COALESCE(CAST($3 AS BIGINT), weight), disabled = COALESCE(CAST($4 AS BOOLEAN), disabled)
			WHERE id = $1 AND removed_at = 0 AND `+condition+` RETURNING `+keyColumns,
			append([]any{id, optional(c.Label), optional(c.Weight), optional(c.Disabled)}, value...)...), r.fields()...)
		if err != nil {
			return err
		}
		if !ok {
			return errNoKey
		}
		k = r.done()
		return keysChanged(ctx, q)
	})
	return k, err
}

// RemoveKey implements vault.Store.
func (s *Keys) RemoveKey(ctx context.Context, o vault.Owner, id vault.KeyID, at time.Time) error {
	condition, value := ownedBy(o, 4)
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE provider_keys SET box = $3, disabled = TRUE,
			removed_at = CASE WHEN removed_at = 0 THEN $2 ELSE removed_at END WHERE id = $1 AND `+condition,
			append([]any{id, micros(at), []byte{}}, value...)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoKey
		}
		return keysChanged(ctx, q)
	})
}
