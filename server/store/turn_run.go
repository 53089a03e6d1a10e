package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/turn"
)

// renewText prolongs the leases of some turns, as long as owner still owns them;
// the first %s is the database's clock, the second the list of turns.
const renewText = `UPDATE turns SET lease_until = %s + CAST($2 AS BIGINT)
	WHERE owner = $1 AND state = 'running' AND (account_id, id) IN (VALUES %s)
	RETURNING account_id, id, epoch, cancel_asked`

// held is a turn that its owner still owns.
type held struct {
	turn.Ref
	epoch  int64
	cancel bool
}

func scanHeld(rows *sql.Rows) (h held, err error) {
	return h, rows.Scan(&h.Account, &h.ID, &h.epoch, &h.cancel)
}

// Checkpoint implements turn.Store. Renewing locks the turns, so what it finds
// of them holds until the chunks are committed.
func (s *Turns) Checkpoint(ctx context.Context, owner string, lease time.Duration, running []turn.Ref, chunks []turn.Chunk) (lost, asked []turn.Ref, err error) {
	refs := distinct(running, chunks)
	if len(refs) == 0 {
		return nil, nil, nil
	}
	err = s.db.tx(ctx, func(q querier) error {
		own, err := s.renew(ctx, q, owner, lease, refs)
		if err != nil {
			return err
		}
		var keep []turn.Chunk
		keep, lost = fence(chunks, own)
		gone := map[turn.Ref]bool{}
		for _, ref := range lost {
			gone[ref] = true
		}
		for _, ref := range refs {
			if _, ok := own[ref]; !ok && !gone[ref] {
				lost = append(lost, ref)
			}
		}
		asked = nil
		for _, ref := range running {
			if own[ref].cancel && !gone[ref] {
				asked = append(asked, ref)
			}
		}
		if err := moveOn(ctx, q, keep); err != nil {
			return err
		}
		keep = slices.DeleteFunc(keep, func(c turn.Chunk) bool { return len(c.Text) == 0 })
		return batches(keep, func(some []turn.Chunk) error { return insertChunks(ctx, q, some) })
	})
	return lost, asked, err
}

// distinct is every turn that is spoken of, once.
func distinct(running []turn.Ref, chunks []turn.Chunk) []turn.Ref {
	seen := make(map[turn.Ref]bool, len(running))
	all := make([]turn.Ref, 0, len(running))
	add := func(ref turn.Ref) {
		if !seen[ref] {
			seen[ref] = true
			all = append(all, ref)
		}
	}
	for _, ref := range running {
		add(ref)
	}
	for i := range chunks {
		add(chunks[i].Ref)
	}
	return all
}

func (s *Turns) renew(ctx context.Context, q querier, owner string, lease time.Duration, refs []turn.Ref) (map[turn.Ref]held, error) {
	own := make(map[turn.Ref]held, len(refs))
	err := batches(refs, func(some []turn.Ref) error {
		args := []any{owner, lease.Microseconds()}
		for _, ref := range some {
			args = append(args, ref.Account, ref.ID)
		}
		all, err := collect(ctx, q, scanHeld, fmt.Sprintf(s.db.sql.renew, tuples(3, len(some), 2)), args...)
		for _, h := range all {
			own[h.Ref] = h
		}
		return err
	})
	return own, err
}

// fence keeps the chunks of turns that are still held under their epoch, and
// names the turns of the others, each once.
func fence(chunks []turn.Chunk, own map[turn.Ref]held) (keep []turn.Chunk, lost []turn.Ref) {
	gone := map[turn.Ref]bool{}
	for _, c := range chunks {
		h, ok := own[c.Ref]
		switch {
		case ok && h.epoch == c.Epoch && (len(c.Text) > 0 || c.Model != ""):
			keep = append(keep, c)
		case ok && h.epoch == c.Epoch: // nothing to store
		case !gone[c.Ref]:
			gone[c.Ref] = true
			lost = append(lost, c.Ref)
		}
	}
	return keep, lost
}

// moveOn notes which turns are answered by another model than was known: few, and
// each once, since it happens before a first token.
func moveOn(ctx context.Context, q querier, chunks []turn.Chunk) error {
	for i := range chunks {
		c := &chunks[i]
		if c.Model == "" {
			continue
		}
		if _, err := q.ExecContext(ctx, `UPDATE turns SET model = $3 WHERE account_id = $1 AND id = $2`, c.Ref.Account, c.Ref.ID, c.Model); err != nil {
			return err
		}
	}
	return nil
}

// insertChunks appends chunks. One that begins where another did replaces it: a
// checkpoint whose commit was in doubt is repeated with what has come since.
func insertChunks(ctx context.Context, q querier, some []turn.Chunk) error {
	args := make([]any, 0, len(some)*6)
	for _, c := range some {
		runs, err := json.Marshal(c.Runs)
		if err != nil {
			return err
		}
		args = append(args, c.Ref.Account, c.Ref.ID, c.From, c.From+int64(len(c.Text)), c.Text, string(runs))
	}
	_, err := q.ExecContext(ctx, `INSERT INTO turn_chunks (account_id, turn_id, begins, ends, body, runs) VALUES `+
		tuples(1, len(some), 6)+` ON CONFLICT (account_id, turn_id, begins)
		DO UPDATE SET ends = excluded.ends, body = excluded.body, runs = excluded.runs`, args...)
	return err
}

// Chunks implements turn.Store.
func (s *Turns) Chunks(ctx context.Context, ref turn.Ref, from int64) (text []byte, runs []turn.Run, err error) {
	err = s.db.snapshot(ctx, func(q querier) error {
		if _, ok, err := getTurn(ctx, q, ref); err != nil || !ok {
			if err == nil {
				err = errNoTurn
			}
			return err
		}
		text, runs, err = readChunks(ctx, q, ref, from)
		return err
	})
	return text, runs, err
}

// chunk is a row of turn_chunks.
type chunk struct {
	begins int64
	text   []byte
	runs   []turn.Run
}

func scanChunk(rows *sql.Rows) (c chunk, err error) {
	var runs string
	if err := rows.Scan(&c.begins, &c.text, &runs); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(runs), &c.runs)
}

// readChunks joins what is stored from byte from on, up to the first gap.
func readChunks(ctx context.Context, q querier, ref turn.Ref, from int64) (text []byte, runs []turn.Run, err error) {
	all, err := collect(ctx, q, scanChunk, `SELECT begins, body, runs FROM turn_chunks
		WHERE account_id = $1 AND turn_id = $2 AND ends > $3 ORDER BY begins`, ref.Account, ref.ID, from)
	if err != nil {
		return nil, nil, err
	}
	at := from
	for _, c := range all {
		if c.begins > at {
			break
		}
		piece, pieceRuns := turn.Slice(c.text, c.runs, c.begins, at, nil)
		text, runs = append(text, piece...), joinRuns(runs, pieceRuns)
		at += int64(len(piece))
	}
	return text, runs, nil
}

// joinRuns appends runs, making one of two that a chunk's border had parted.
func joinRuns(runs, more []turn.Run) []turn.Run {
	if len(runs) > 0 && len(more) > 0 {
		last, next := &runs[len(runs)-1], more[0]
		if last.Kind == next.Kind && last.Part == next.Part && last.Meta == next.Meta {
			last.End = next.End
			more = more[1:]
		}
	}
	return append(runs, more...)
}

// AskCancel implements turn.Store.
func (s *Turns) AskCancel(ctx context.Context, ref turn.Ref) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE turns SET cancel_asked = TRUE
			WHERE account_id = $1 AND id = $2 AND state = 'running'`, ref.Account, ref.ID)
		if err != nil || n > 0 {
			return err
		}
		if _, ok, err := getTurn(ctx, q, ref); err != nil || ok {
			return err
		}
		return errNoTurn
	})
}

// claimText takes turns over; %s are the condition on which ($1 is the new
// owner), the lock on the rows picked, and the database's clock.
const claimText = `WITH picked (account_id, id) AS MATERIALIZED (
		SELECT account_id, id FROM turns WHERE state = 'running' AND %s
		ORDER BY lease_until LIMIT $3 %s
	)
	UPDATE turns SET owner = $1, epoch = epoch + 1, lease_until = %s + CAST($2 AS BIGINT)
	WHERE (account_id, id) IN (SELECT account_id, id FROM picked) AND state = 'running'
	RETURNING account_id, id`

// Claim implements turn.Store.
func (s *Turns) Claim(ctx context.Context, owner string, lease time.Duration, all bool, limit int) (orphans []turn.Orphan, err error) {
	query := s.db.sql.claim
	if all {
		query = s.db.sql.claimAll
	}
	err = s.db.tx(ctx, func(q querier) error {
		orphans = nil
		refs, err := collect(ctx, q, scanRef, query, owner, lease.Microseconds(), limit)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			o, err := orphan(ctx, q, ref)
			if err != nil {
				return err
			}
			orphans = append(orphans, o)
		}
		return nil
	})
	return orphans, err
}

func scanRef(rows *sql.Rows) (ref turn.Ref, err error) { return ref, rows.Scan(&ref.Account, &ref.ID) }

func orphan(ctx context.Context, q querier, ref turn.Ref) (o turn.Orphan, err error) {
	o.Record, _, err = getTurn(ctx, q, ref)
	if err != nil {
		return o, err
	}
	o.Text, o.Runs, err = readChunks(ctx, q, ref, 0)
	return o, err
}
