package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// conversationHead is what a list shows of a conversation; a system prompt may
// be long, and a list leaves it out.
const (
	conversationHead = `c.account_id, c.id, c.title, c.title_by_user, c.model, c.origin, c.listed, c.leaf_id,
		c.fork_of, c.fork_at, c.created_at, c.updated_at, c.deleted_at, c.rev,
		COALESCE((SELECT t.id FROM turns t WHERE t.account_id = c.account_id AND t.conversation_id = c.id
			AND t.state = 'running'), '')`
	conversationColumns = conversationHead + `, c.system`
)

func scanHead(rows *sql.Rows) (conversation.Conversation, error) { return scanConversationInto(rows) }

func scanConversation(rows *sql.Rows) (conversation.Conversation, error) {
	var system string
	c, err := scanConversationInto(rows, &system)
	c.System = system
	return c, err
}

func scanConversationInto(rows *sql.Rows, more ...any) (c conversation.Conversation, err error) {
	var created, updated, deleted int64
	err = rows.Scan(append([]any{&c.Account, &c.ID, &c.Title, &c.TitleByUser, &c.Model, &c.Origin, &c.Listed, &c.Leaf,
		&c.ForkOf, &c.ForkAt, &created, &updated, &deleted, &c.Rev, &c.Running}, more...)...)
	c.CreatedAt, c.UpdatedAt, c.DeletedAt = fromMicros(created), fromMicros(updated), fromMicros(deleted)
	return c, err
}

var errNoConversation = fault.New(fault.NotFound, "There is no such conversation.")

// getConversation reads one that is not deleted.
func getConversation(ctx context.Context, q querier, account identity.AccountID, id conversation.ID) (conversation.Conversation, error) {
	all, err := collect(ctx, q, scanConversation, `SELECT `+conversationColumns+` FROM conversations c
		WHERE c.account_id = $1 AND c.id = $2 AND c.deleted_at = 0`, account, id)
	if err != nil {
		return conversation.Conversation{}, err
	}
	if len(all) == 0 {
		return conversation.Conversation{}, errNoConversation
	}
	return all[0], nil
}

// Get implements conversation.Store.
func (s *Conversations) Get(ctx context.Context, account identity.AccountID, id conversation.ID) (c conversation.Conversation, err error) {
	err = s.db.view(ctx, func(q querier) error {
		c, err = getConversation(ctx, q, account, id)
		return err
	})
	return c, err
}

// Create implements conversation.Store.
func (s *Conversations) Create(ctx context.Context, c conversation.Conversation) error {
	if err := checkConversation(c); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		rev, err := bump(ctx, q, c.Account, 1)
		if err != nil {
			return err
		}
		created, err := createConversation(ctx, q, c, digestOf(c), rev)
		if err == nil && !created {
			return errNothing
		}
		return err
	})
}

// checkConversation refuses texts that the databases cannot keep.
func checkConversation(c conversation.Conversation) error {
	if err := conversation.CheckText("the title", c.Title); err != nil {
		return err
	}
	return conversation.CheckText("the system prompt", c.System)
}

// digestOf names what a conversation is created as. Times are no part of it: a
// repetition comes later.
func digestOf(c conversation.Conversation) string {
	return digest(c.Title, c.TitleByUser, c.Model, c.System, c.Origin, c.Listed, c.ForkOf, c.ForkAt)
}

func digest(of ...any) string {
	text, err := json.Marshal(of)
	if err != nil {
		panic("store: a digest of what has no JSON: " + err.Error()) // strings and booleans have
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// createConversation stores a new conversation under a revision taken for it. It
// reports false where the same creation was made before, and IDConflict where
// the id was used otherwise. The caller holds the account's row.
func createConversation(ctx context.Context, q querier, c conversation.Conversation, madeOf string, rev int64) (bool, error) {
	created, err := insertConversation(ctx, q, c, madeOf, rev)
	if err != nil || created {
		return created, err
	}
	var same int
	err = q.QueryRowContext(ctx, `SELECT count(*) FROM conversations
		WHERE account_id = $1 AND id = $2 AND deleted_at = 0 AND made_of = $3`, c.Account, c.ID, madeOf).Scan(&same)
	if err == nil && same == 0 {
		err = fault.New(fault.IDConflict, "That id is already used for another conversation.")
	}
	return false, err
}

// insertConversation stores a conversation, and reports false where its id is
// taken, if only by one that was deleted.
func insertConversation(ctx context.Context, q querier, c conversation.Conversation, madeOf string, rev int64) (bool, error) {
	n, err := affected(ctx, q, `INSERT INTO conversations (account_id, id, title, title_by_user, model, system, origin, listed,
			leaf_id, fork_of, fork_at, created_at, updated_at, rev, made_of)
		SELECT $1, $2, $3, CAST($4 AS BOOLEAN), $5, $6, $7, CAST($8 AS BOOLEAN), $9, $10, $11,
			CAST($12 AS BIGINT), CAST($13 AS BIGINT), CAST($14 AS BIGINT), $15
		WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE account_id = $1 AND conversation_id = $2)
		ON CONFLICT DO NOTHING`,
		c.Account, c.ID, c.Title, c.TitleByUser, c.Model, c.System, c.Origin, c.Listed,
		c.Leaf, c.ForkOf, c.ForkAt, micros(c.CreatedAt), micros(c.UpdatedAt), rev, madeOf)
	return n > 0, err
}

// FindByPrefix implements conversation.Store. The prefix is compared as it is:
// nothing in it is a pattern.
func (s *Conversations) FindByPrefix(ctx context.Context, account identity.AccountID, prefix string, limit int) (all []conversation.Conversation, err error) {
	if conversation.CheckText("the prefix", prefix) != nil {
		return nil, nil // no id begins so
	}
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanConversation, `SELECT `+conversationColumns+` FROM conversations c
			WHERE c.account_id = $1 AND substr(c.id, 1, $2) = $3 AND c.deleted_at = 0 ORDER BY c.id LIMIT $4`,
			account, len(prefix), prefix, limit)
		return err
	})
	return all, err
}

// List implements conversation.Store. System is left out.
func (s *Conversations) List(ctx context.Context, account identity.AccountID, lq conversation.ListQuery) (all []conversation.Conversation, err error) {
	query, args := listText(account, lq)
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanHead, query, args...)
		return err
	})
	return all, err
}

// listText is the query of a page; its conditions are spelt as those of the
// partial indexes that serve it.
func listText(account identity.AccountID, lq conversation.ListQuery) (string, []any) {
	var text strings.Builder
	args := []any{account, lq.Limit}
	text.WriteString(`SELECT ` + conversationHead + ` FROM conversations c WHERE c.account_id = $1 AND c.deleted_at = 0`)
	if !lq.All {
		text.WriteString(` AND c.listed = TRUE`)
	}
	if lq.After != nil {
		text.WriteString(` AND (c.updated_at, c.id) < ($3, $4)`)
		args = append(args, micros(lq.After.UpdatedAt), lq.After.ID)
	}
	if lq.Origin != "" {
		args = append(args, lq.Origin)
		text.WriteString(` AND c.origin = ` + placeholder(len(args)))
	}
	text.WriteString(` ORDER BY c.updated_at DESC, c.id DESC LIMIT $2`)
	return text.String(), args
}

// Change implements conversation.Store.
func (s *Conversations) Change(ctx context.Context, account identity.AccountID, id conversation.ID, ch conversation.Change, now time.Time) (c conversation.Conversation, err error) {
	if err := checkChange(ch); err != nil {
		return c, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		rev, err := bump(ctx, q, account, 1)
		if err != nil {
			return err
		}
		if ch.Leaf != nil {
			leaf, err := newestBelow(ctx, q, account, id, *ch.Leaf)
			if err != nil {
				return err
			}
			ch.Leaf = &leaf
		}
		n, err := affected(ctx, q, `UPDATE conversations SET
				title = COALESCE($3, title), title_by_user = title_by_user OR CAST($3 AS TEXT) IS NOT NULL,
				model = COALESCE($4, model), system = COALESCE($5, system),
				leaf_id = COALESCE($6, leaf_id), listed = COALESCE($7, listed),
				updated_at = $8, rev = $9
			WHERE account_id = $1 AND id = $2 AND deleted_at = 0`,
			account, id, optional(ch.Title), optional(ch.Model), optional(ch.System), optional(ch.Leaf), optional(ch.Listed),
			micros(now), rev)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoConversation
		}
		c, err = getConversation(ctx, q, account, id)
		return err
	})
	return c, err
}

func checkChange(ch conversation.Change) error {
	for what, text := range map[string]*string{"the title": ch.Title, "the model": ch.Model, "the system prompt": ch.System} {
		if text == nil {
			continue
		}
		if err := conversation.CheckText(what, *text); err != nil {
			return err
		}
	}
	return nil
}

// SetTitle implements conversation.Store.
func (s *Conversations) SetTitle(ctx context.Context, account identity.AccountID, id conversation.ID, title string, now time.Time) error {
	if err := conversation.CheckText("the title", title); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		rev, err := bump(ctx, q, account, 1)
		if err != nil {
			return err
		}
		n, err := affected(ctx, q, `UPDATE conversations SET title = $3, updated_at = $4, rev = $5
			WHERE account_id = $1 AND id = $2 AND deleted_at = 0 AND title_by_user = FALSE`,
			account, id, title, micros(now), rev)
		if err == nil && n == 0 {
			return errNothing
		}
		return err
	})
}
