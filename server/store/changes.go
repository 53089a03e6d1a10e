package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Changes implements conversation.Store.
//
// Every conversation, message and tombstone has a revision of its own in its
// account, so a page may end anywhere: it is the first limit of all three. What
// belongs to a deleted conversation is left out; its tombstone speaks for it. A
// page may hold a message before its conversation, which moves to a later
// revision with each change.
//
// A revision above the account's, or one seen under another epoch or none, is of
// another history: SyncReset.
func (s *Conversations) Changes(ctx context.Context, account identity.AccountID, epoch string, after int64, limit int) (d conversation.Delta, err error) {
	if epoch != s.db.epoch && (epoch != "" || after > 0) {
		return d, fault.New(fault.SyncReset, "")
	}
	limit = max(limit, 1)
	err = s.db.snapshot(ctx, func(q querier) error {
		d = conversation.Delta{Epoch: s.db.epoch}
		ok, err := found(q.QueryRowContext(ctx, `SELECT rev FROM accounts WHERE id = $1`, account), &d.Rev)
		switch {
		case err != nil:
			return err
		case !ok:
			return fault.New(fault.NotFound, "There is no such account.")
		case after > d.Rev || after < 0:
			return fault.New(fault.SyncReset, "")
		}
		return readChanges(ctx, q, account, after, limit, &d)
	})
	return d, err
}

// tombstone is a deletion and its revision.
type tombstone struct {
	id  conversation.ID
	rev int64
}

func scanTombstone(rows *sql.Rows) (t tombstone, err error) { return t, rows.Scan(&t.id, &t.rev) }

// readChanges fills a page: one more than limit of each kind tells whether there
// is more, and where the page ends.
func readChanges(ctx context.Context, q querier, account identity.AccountID, after int64, limit int, d *conversation.Delta) error {
	var err error
	if d.Conversations, err = collect(ctx, q, scanConversation, `SELECT `+conversationColumns+` FROM conversations c
		WHERE c.account_id = $1 AND c.rev > $2 AND c.deleted_at = 0 ORDER BY c.rev LIMIT $3`, account, after, limit+1); err != nil {
		return err
	}
	tombstones, err := collect(ctx, q, scanTombstone, `SELECT conversation_id, rev FROM tombstones
		WHERE account_id = $1 AND rev > $2 ORDER BY rev LIMIT $3`, account, after, limit+1)
	if err != nil {
		return err
	}
	if d.Messages, err = collect(ctx, q, scanMessage, `SELECT `+messageColumns+` FROM messages m
		WHERE m.account_id = $1 AND m.rev > $2 AND `+visible+` ORDER BY m.rev LIMIT $3`, account, after, limit+1); err != nil {
		return err
	}
	if end, more := pageEnd(limit, d, tombstones); more {
		d.Rev, d.More = end, true
		d.Conversations = slices.DeleteFunc(d.Conversations, func(c conversation.Conversation) bool { return c.Rev > end })
		d.Messages = slices.DeleteFunc(d.Messages, func(m conversation.Message) bool { return m.Rev > end })
		tombstones = slices.DeleteFunc(tombstones, func(t tombstone) bool { return t.rev > end })
	}
	for _, t := range tombstones {
		d.Deleted = append(d.Deleted, t.id)
	}
	return nil
}

// pageEnd is the revision of the limit-th change, if there are more than limit.
func pageEnd(limit int, d *conversation.Delta, tombstones []tombstone) (end int64, more bool) {
	var revs []int64
	for i := range d.Conversations {
		revs = append(revs, d.Conversations[i].Rev)
	}
	for i := range d.Messages {
		revs = append(revs, d.Messages[i].Rev)
	}
	for _, t := range tombstones {
		revs = append(revs, t.rev)
	}
	if len(revs) <= limit {
		return 0, false
	}
	slices.SortFunc(revs, cmp.Compare)
	return revs[limit-1], true
}
