package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

const messageColumns = `m.account_id, m.id, m.conversation_id, m.parent_id, m.role, m.parts, m.state, m.model, m.finish,
	m.error_code, m.error_text, m.usage, m.created_at, m.finished_at, m.rev`

// usageJSON is how an answer's usage is kept; the zero usage is an empty text.
type usageJSON struct {
	Input        int64 `json:"in,omitempty"`
	CachedRead   int64 `json:"read,omitempty"`
	CachedWrite  int64 `json:"write,omitempty"`
	Output       int64 `json:"out,omitempty"`
	Reasoning    int64 `json:"reasoning,omitempty"`
	CostMicroUSD int64 `json:"cost,omitempty"`
	PriceKnown   bool  `json:"priced,omitempty"`
	Estimated    bool  `json:"estimated,omitempty"`
}

func usageText(u conversation.Usage) (string, error) {
	if u == (conversation.Usage{}) {
		return "", nil
	}
	text, err := json.Marshal(usageJSON(u))
	return string(text), err
}

func usageOf(text string) (conversation.Usage, error) {
	var u usageJSON
	if text == "" {
		return conversation.Usage{}, nil
	}
	err := json.Unmarshal([]byte(text), &u)
	return conversation.Usage(u), err
}

func scanMessage(rows *sql.Rows) (m conversation.Message, err error) {
	var parts, usage string
	var created, finished int64
	if err := rows.Scan(&m.Account, &m.ID, &m.Conversation, &m.Parent, &m.Role, &parts, &m.State, &m.Model, &m.Finish,
		&m.ErrorCode, &m.ErrorText, &usage, &created, &finished, &m.Rev); err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(parts), &m.Parts); err != nil {
		return m, fmt.Errorf("parts of message %s: %w", m.ID, err)
	}
	m.CreatedAt, m.FinishedAt = fromMicros(created), fromMicros(finished)
	m.Usage, err = usageOf(usage)
	return m, err
}

var errNoMessage = fault.New(fault.NotFound, "There is no such message.")

// visible is the condition that a message's conversation is not deleted.
const visible = `EXISTS (SELECT 1 FROM conversations c
	WHERE c.account_id = m.account_id AND c.id = m.conversation_id AND c.deleted_at = 0)`

// Message implements conversation.Store.
func (s *Conversations) Message(ctx context.Context, account identity.AccountID, id conversation.MessageID) (m conversation.Message, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanMessage, `SELECT `+messageColumns+` FROM messages m
			WHERE m.account_id = $1 AND m.id = $2 AND `+visible, account, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errNoMessage
		}
		m = all[0]
		return nil
	})
	return m, err
}

// SiblingsOf implements conversation.Store.
func (s *Conversations) SiblingsOf(ctx context.Context, account identity.AccountID, ids []conversation.MessageID) (of map[conversation.MessageID][]conversation.MessageID, err error) {
	of = make(map[conversation.MessageID][]conversation.MessageID, len(ids))
	err = s.db.snapshot(ctx, func(q querier) error {
		clear(of)
		return batches(ids, func(some []conversation.MessageID) error {
			in, args := among(some, account)
			pairs, err := collect(ctx, q, scanSibling, `SELECT k.id, m.id FROM messages k
				JOIN messages m ON m.account_id = k.account_id AND m.conversation_id = k.conversation_id AND m.parent_id = k.parent_id
				WHERE k.account_id = $1 AND k.id IN (`+in+`) AND `+visible+`
				ORDER BY m.created_at, m.place`, args...)
			for _, p := range pairs {
				of[p.of] = append(of[p.of], p.id)
			}
			return err
		})
	})
	return of, err
}

// sibling is a message and one of its siblings.
type sibling struct{ of, id conversation.MessageID }

func scanSibling(rows *sql.Rows) (s sibling, err error) { return s, rows.Scan(&s.of, &s.id) }

// Branch implements conversation.Store.
func (s *Conversations) Branch(ctx context.Context, account identity.AccountID, id conversation.ID, leaf, before conversation.MessageID, limit int) (all []conversation.Message, err error) {
	err = s.db.snapshot(ctx, func(q querier) error {
		all, err = branch(ctx, q, account, id, leaf, before, limit)
		return err
	})
	return all, err
}

// branch walks from the leaf to the root. Every message has one path to the
// root, so what lies before one of them is found from its parent on.
func branch(ctx context.Context, q querier, account identity.AccountID, id conversation.ID, leaf, before conversation.MessageID, limit int) ([]conversation.Message, error) {
	var own conversation.MessageID
	ok, err := found(q.QueryRowContext(ctx, `SELECT leaf_id FROM conversations
		WHERE account_id = $1 AND id = $2 AND deleted_at = 0`, account, id), &own)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNoConversation
	}
	if leaf == "" {
		leaf = own
	}
	if before != "" {
		if leaf, err = parentOf(ctx, q, account, id, before); err != nil {
			return nil, err
		}
	}
	if leaf == "" {
		return nil, nil
	}
	all, err := walk(ctx, q, account, id, leaf, limit)
	if err == nil && len(all) == 0 {
		err = errNoMessage
	}
	return all, err
}

func parentOf(ctx context.Context, q querier, account identity.AccountID, id conversation.ID, of conversation.MessageID) (parent conversation.MessageID, err error) {
	ok, err := found(q.QueryRowContext(ctx, `SELECT parent_id FROM messages
		WHERE account_id = $1 AND id = $2 AND conversation_id = $3`, account, of, id), &parent)
	if err == nil && !ok {
		err = errNoMessage
	}
	return parent, err
}

func walk(ctx context.Context, q querier, account identity.AccountID, id conversation.ID, leaf conversation.MessageID, limit int) ([]conversation.Message, error) {
	if limit <= 0 {
		limit = math.MaxInt32 // all
	}
	return collect(ctx, q, scanMessage, `WITH RECURSIVE path (id, parent_id, depth) AS (
			SELECT l.id, l.parent_id, 1 FROM messages l WHERE l.account_id = $1 AND l.id = $2 AND l.conversation_id = $3
			UNION ALL
			SELECT p.id, p.parent_id, path.depth + 1 FROM path JOIN messages p ON p.account_id = $1 AND p.id = path.parent_id
			WHERE path.depth < $4
		)
		SELECT `+messageColumns+` FROM path JOIN messages m ON m.account_id = $1 AND m.id = path.id
		ORDER BY path.depth DESC`, account, leaf, id, int64(limit))
}
