package store

import (
	"context"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// deepest bounds the walk down a tree: no branch is longer than its last turn
// makes it.
const deepest = conversation.MaxMessages + 2

// newestBelow is the newest end of those branches that run through a message of
// the conversation: the message itself where nothing follows it.
func newestBelow(ctx context.Context, q querier, account identity.AccountID, id conversation.ID, from conversation.MessageID) (leaf conversation.MessageID, err error) {
	ok, err := found(q.QueryRowContext(ctx, `WITH RECURSIVE below (id, depth) AS (
			SELECT m.id, 1 FROM messages m WHERE m.account_id = $1 AND m.id = $3 AND m.conversation_id = $2
			UNION ALL
			SELECT m.id, below.depth + 1 FROM below
				JOIN messages m ON m.account_id = $1 AND m.conversation_id = $2 AND m.parent_id = below.id
			WHERE below.depth < $4
		)
		SELECT l.id FROM below JOIN messages l ON l.account_id = $1 AND l.id = below.id
		WHERE NOT EXISTS (SELECT 1 FROM messages k
			WHERE k.account_id = $1 AND k.conversation_id = $2 AND k.parent_id = l.id)
		ORDER BY l.created_at DESC, l.place DESC LIMIT 1`, account, id, from, deepest), &leaf)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "There is no such conversation, or no such message in it.")
	}
	return leaf, err
}
