package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

// Delete implements conversation.Store.
func (s *Conversations) Delete(ctx context.Context, account identity.AccountID, id conversation.ID, now time.Time) error {
	return s.db.tx(ctx, func(q querier) error {
		rev, err := bump(ctx, q, account, 1)
		if err != nil {
			return err
		}
		n, err := affected(ctx, q, `UPDATE conversations SET deleted_at = $3, rev = $4
			WHERE account_id = $1 AND id = $2 AND deleted_at = 0`, account, id, micros(now), rev)
		if err != nil {
			return err
		}
		if n == 0 {
			return deletedBefore(ctx, q, account, id)
		}
		_, err = q.ExecContext(ctx, `INSERT INTO tombstones (account_id, conversation_id, deleted_at, rev) VALUES ($1, $2, $3, $4)`,
			account, id, micros(now), rev)
		return err
	})
}

// deletedBefore is errNothing for a conversation that has a tombstone.
func deletedBefore(ctx context.Context, q querier, account identity.AccountID, id conversation.ID) error {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM tombstones WHERE account_id = $1 AND conversation_id = $2`,
		account, id).Scan(&n)
	switch {
	case err != nil:
		return err
	case n == 0:
		return errNoConversation
	}
	return errNothing
}

// Restore implements conversation.Store. Machines that learned of the deletion
// have dropped the messages, so these get new revisions with it.
func (s *Conversations) Restore(ctx context.Context, account identity.AccountID, id conversation.ID, now time.Time) (c conversation.Conversation, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		rev, err := bump(ctx, q, account, 1)
		if err != nil {
			return err
		}
		n, err := affected(ctx, q, `UPDATE conversations SET deleted_at = 0, updated_at = $3, rev = $4
			WHERE account_id = $1 AND id = $2 AND deleted_at > 0`, account, id, micros(now), rev)
		if err != nil {
			return err
		}
		if n == 0 { // not deleted, or not there
			c, err = getConversation(ctx, q, account, id)
			if err == nil {
				return errNothing
			}
			return err
		}
		if _, err := q.ExecContext(ctx, `DELETE FROM tombstones WHERE account_id = $1 AND conversation_id = $2`, account, id); err != nil {
			return err
		}
		if err := reviseMessages(ctx, q, account, id); err != nil {
			return err
		}
		c, err = getConversation(ctx, q, account, id)
		return err
	})
	return c, err
}

// reviseMessages gives each message of a conversation a fresh revision, in their
// old order. The caller holds the account's row, so none is added meanwhile.
func reviseMessages(ctx context.Context, q querier, account identity.AccountID, id conversation.ID) error {
	var count int
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE account_id = $1 AND conversation_id = $2`,
		account, id).Scan(&count); err != nil || count == 0 {
		return err
	}
	first, err := bump(ctx, q, account, count)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `UPDATE messages SET rev = CAST($3 AS BIGINT) + o.nth
		FROM (SELECT id, row_number() OVER (ORDER BY rev) - 1 AS nth FROM messages
			WHERE account_id = $1 AND conversation_id = $2) AS o
		WHERE messages.account_id = $1 AND messages.id = o.id`, account, id, first)
	return err
}

// purgeBatch is how many conversations one transaction of Purge removes.
const purgeBatch = 64

// Purge implements conversation.Store. It goes in short transactions, so that
// others get their turn; what it has removed when it fails stays removed.
func (s *Conversations) Purge(ctx context.Context, before time.Time) (int, error) {
	for total := 0; ; {
		n, err := s.purgeSome(ctx, before)
		total += n
		if err != nil || n < purgeBatch {
			return total, err
		}
	}
}

// doomed is a conversation to be purged.
type doomed struct {
	account identity.AccountID
	id      conversation.ID
}

func scanDoomed(rows *sql.Rows) (d doomed, err error) { return d, rows.Scan(&d.account, &d.id) }

func (s *Conversations) purgeSome(ctx context.Context, before time.Time) (n int, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		// The update locks the conversations against Restore; one with a running
		// turn waits for its end.
		all, err := collect(ctx, q, scanDoomed, `UPDATE conversations SET deleted_at = 1
			WHERE deleted_at > 0 AND deleted_at < $1 AND (account_id, id) IN (
				SELECT c.account_id, c.id FROM conversations c WHERE c.deleted_at > 0 AND c.deleted_at < $1
				AND NOT EXISTS (SELECT 1 FROM turns t WHERE t.account_id = c.account_id AND t.conversation_id = c.id
					AND t.state = 'running')
				LIMIT $2)
			RETURNING account_id, id`, micros(before), purgeBatch)
		if err != nil {
			return err
		}
		for _, d := range all {
			if err := s.purgeOne(ctx, q, d); err != nil {
				return err
			}
		}
		n = len(all)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (s *Conversations) purgeOne(ctx context.Context, q querier, d doomed) error {
	for _, text := range []string{
		s.db.dialect.remove,
		`DELETE FROM turn_chunks WHERE account_id = $1 AND turn_id IN
			(SELECT id FROM turns WHERE account_id = $1 AND conversation_id = $2)`,
		`DELETE FROM turns WHERE account_id = $1 AND conversation_id = $2`,
		`DELETE FROM message_ratings WHERE account_id = $1 AND message_id IN
			(SELECT id FROM messages WHERE account_id = $1 AND conversation_id = $2)`,
		`DELETE FROM messages WHERE account_id = $1 AND conversation_id = $2`,
		`DELETE FROM conversations WHERE account_id = $1 AND id = $2`,
	} {
		if _, err := q.ExecContext(ctx, text, d.account, d.id); err != nil {
			return err
		}
	}
	return nil
}

// Fork implements conversation.Store. The copies keep their times, and with them
// their places among the hits of a search.
func (s *Conversations) Fork(ctx context.Context, account identity.AccountID, from conversation.ID, at conversation.MessageID, to conversation.ID, now time.Time) (c conversation.Conversation, err error) {
	if at == "" {
		return c, errNoMessage
	}
	err = s.db.tx(ctx, func(q querier) error {
		source, err := getConversation(ctx, q, account, from)
		if err != nil {
			return err
		}
		path, err := branch(ctx, q, account, from, at, "", 0)
		if err != nil {
			return err
		}
		created := s.fork(ctx, q, forked(source, at, to, now), path)
		if created != nil && !errors.Is(created, errNothing) {
			return created
		}
		if c, err = getConversation(ctx, q, account, to); err != nil {
			return err
		}
		return created
	})
	return c, err
}

// forked is the head of a fork, its leaf still missing.
func forked(source conversation.Conversation, at conversation.MessageID, to conversation.ID, now time.Time) conversation.Conversation {
	c := source
	c.ID, c.ForkOf, c.ForkAt = to, source.ID, at
	c.Origin, c.Listed = conversation.FromChat, true
	c.CreatedAt, c.UpdatedAt = now, now
	return c
}

// fork stores a fork with its messages, or says errNothing where it was made
// before.
func (s *Conversations) fork(ctx context.Context, q querier, c conversation.Conversation, path []conversation.Message) error {
	rev, err := bump(ctx, q, c.Account, 1+len(path))
	if err != nil {
		return err
	}
	copies := make([]conversation.Message, len(path))
	c.Leaf = ""
	for i, m := range path {
		m.ID, m.Conversation, m.Parent, m.Rev = conversation.MessageID(conversation.NewID()), c.ID, c.Leaf, rev+1+int64(i)
		copies[i], c.Leaf = m, m.ID
	}
	created, err := createConversation(ctx, q, c, digest("fork", c.ForkOf, c.ForkAt), rev)
	if err != nil {
		return err
	}
	if !created {
		return errNothing
	}
	return insertMessages(ctx, s.db, q, copies)
}
