package store

import (
	"context"
	"database/sql"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

var _ conversation.Ratings = (*Conversations)(nil)

// Rate implements conversation.Ratings.
func (s *Conversations) Rate(ctx context.Context, account identity.AccountID, r conversation.Rating) error {
	if err := r.Check(); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		if err := touchAnswer(ctx, q, account, r.Message); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO message_ratings (account_id, message_id, user_id, value, reason, rated_at)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, message_id, user_id) DO UPDATE SET
			value = excluded.value, reason = excluded.reason, rated_at = excluded.rated_at`,
			account, r.Message, r.User, r.Verdict, r.Reason, micros(r.RatedAt))
		return err
	})
}

// Unrate implements conversation.Ratings.
func (s *Conversations) Unrate(ctx context.Context, account identity.AccountID, user identity.UserID, message conversation.MessageID) error {
	return s.db.tx(ctx, func(q querier) error {
		if err := touchAnswer(ctx, q, account, message); err != nil {
			return err
		}
		n, err := affected(ctx, q, `DELETE FROM message_ratings WHERE account_id = $1 AND message_id = $2 AND user_id = $3`,
			account, message, user)
		if err == nil && n == 0 {
			return errNothing // and the message stays at its revision
		}
		return err
	})
}

// touchAnswer gives an answer the account's next revision.
func touchAnswer(ctx context.Context, q querier, account identity.AccountID, id conversation.MessageID) error {
	rev, err := bump(ctx, q, account, 1)
	if err != nil {
		return err
	}
	n, err := affected(ctx, q, `UPDATE messages AS m SET rev = $3
		WHERE m.account_id = $1 AND m.id = $2 AND m.role = 'assistant' AND `+visible, account, id, rev)
	if err == nil && n == 0 {
		return errNoMessage
	}
	return err
}

// RatingsOf implements conversation.Ratings.
func (s *Conversations) RatingsOf(ctx context.Context, account identity.AccountID, user identity.UserID, messages []conversation.MessageID) (map[conversation.MessageID]conversation.Rating, error) {
	of := map[conversation.MessageID]conversation.Rating{}
	err := s.db.view(ctx, func(q querier) error {
		clear(of)
		return batches(messages, func(some []conversation.MessageID) error {
			in, args := among(some, account, user)
			all, err := collect(ctx, q, scanRating, `SELECT message_id, user_id, value, reason, rated_at FROM message_ratings
				WHERE account_id = $1 AND user_id = $2 AND message_id IN (`+in+`)`, args...)
			for _, r := range all {
				of[r.Message] = r
			}
			return err
		})
	})
	return of, err
}

func scanRating(rows *sql.Rows) (r conversation.Rating, err error) {
	var at int64
	err = rows.Scan(&r.Message, &r.User, &r.Verdict, &r.Reason, &at)
	r.RatedAt = fromMicros(at)
	return r, err
}
