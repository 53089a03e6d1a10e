package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

const messageInsert = `INSERT INTO messages (account_id, id, conversation_id, parent_id, role, parts, state, model, finish,
	error_code, error_text, usage, created_at, finished_at, rev, place) VALUES `

const messageWidth = 16

// messageArgs are the values of messageInsert; the message carries its
// revision.
func messageArgs(m conversation.Message, place int64) ([]any, error) {
	parts, err := partsText(m.Parts)
	if err != nil {
		return nil, err
	}
	usage, err := usageText(m.Usage)
	return []any{m.Account, m.ID, m.Conversation, m.Parent, m.Role, parts, m.State, m.Model, m.Finish,
		m.ErrorCode, m.ErrorText, usage, micros(m.CreatedAt), micros(m.FinishedAt), m.Rev, place}, err
}

func partsText(parts []conversation.Part) (string, error) {
	if parts == nil {
		parts = []conversation.Part{}
	}
	var text strings.Builder // what Marshal returns would be copied once more
	err := json.NewEncoder(&text).Encode(parts)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// insertMessage stores one message and its words under the revision that it
// carries. It reports false where the id is taken.
//
// Its place is its time in all but a few cases, so that is tried first: one
// statement. Of an answer the moment after is tried, since its question has the
// same time. The caller holds the account's row.
func insertMessage(ctx context.Context, db *DB, q querier, m conversation.Message) (bool, error) {
	place := micros(m.CreatedAt)
	if m.Role == conversation.Assistant {
		place++
	}
	for {
		args, err := messageArgs(m, place)
		if err != nil {
			return false, err
		}
		n, err := affected(ctx, q, messageInsert+tuples(1, 1, messageWidth)+` ON CONFLICT DO NOTHING`, args...)
		if err != nil {
			return false, err
		}
		if n > 0 {
			return true, db.dialect.index(ctx, q, []conversation.Message{m}, []int64{place})
		}
		if taken, err := messageExists(ctx, q, m.Account, m.ID); err != nil || taken {
			return false, err
		}
		free, err := freePlaces(ctx, db, q, m.Account, []int64{place})
		if err != nil {
			return false, err
		}
		if free[0] == place {
			return false, fmt.Errorf("message %s fits nowhere: its revision %d is taken", m.ID, m.Rev)
		}
		place = free[0]
	}
}

func messageExists(ctx context.Context, q querier, account identity.AccountID, id conversation.MessageID) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE account_id = $1 AND id = $2`, account, id).Scan(&n)
	return n > 0, err
}

// insertMessages stores new messages in bulk, each with a fresh id and under the
// revision that it carries. The caller holds the account's row.
func insertMessages(ctx context.Context, db *DB, q querier, all []conversation.Message) error {
	return batches(all, func(some []conversation.Message) error {
		wanted := make([]int64, len(some))
		for i := range some {
			wanted[i] = micros(some[i].CreatedAt)
		}
		places, err := freePlaces(ctx, db, q, some[0].Account, wanted)
		if err != nil {
			return err
		}
		var args []any
		for i := range some {
			row, err := messageArgs(some[i], places[i])
			if err != nil {
				return err
			}
			args = append(args, row...)
		}
		if _, err := q.ExecContext(ctx, messageInsert+tuples(1, len(some), messageWidth), args...); err != nil {
			return err
		}
		return db.dialect.index(ctx, q, some, places)
	})
}

// freePlaces returns for each wanted place the next one that neither a message
// nor another of them has.
func freePlaces(ctx context.Context, db *DB, q querier, account identity.AccountID, wanted []int64) ([]int64, error) {
	places := append([]int64(nil), wanted...)
	own := map[int64]bool{}
	for i := range places {
		for own[places[i]] {
			places[i]++
		}
		own[places[i]] = true
	}
	for {
		taken, err := takenPlaces(ctx, db, q, account, places)
		if err != nil || len(taken) == 0 {
			return places, err
		}
		for i := range places {
			if !taken[places[i]] {
				continue
			}
			delete(own, places[i])
			for taken[places[i]] || own[places[i]] {
				places[i]++
			}
			own[places[i]] = true
		}
	}
}

func takenPlaces(ctx context.Context, db *DB, q querier, account identity.AccountID, places []int64) (map[int64]bool, error) {
	args := []any{account}
	for _, p := range places {
		args = append(args, p)
	}
	rows, err := q.QueryContext(ctx, fmt.Sprintf(db.dialect.placesTaken, list(2, len(places))), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err says what matters
	taken := map[int64]bool{}
	for rows.Next() {
		var p int64
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		taken[p] = true
	}
	return taken, rows.Err()
}
