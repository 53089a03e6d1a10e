package store

import (
	"context"
	"database/sql"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// link is a message's place in its tree.
type link struct{ id, parent conversation.MessageID }

func scanLink(rows *sql.Rows) (l link, err error) { return l, rows.Scan(&l.id, &l.parent) }

// newestBelow is the newest end of those branches that run through a message of
// the conversation: the message itself where nothing follows it.
//
// It reads the conversation's links once and goes down them here. A recursive
// query is at the mercy of the planner, which finds a scan of the conversation
// for each message fit for tables that it knows nothing of: seconds for what
// takes milliseconds.
func newestBelow(ctx context.Context, q querier, account identity.AccountID, id conversation.ID, from conversation.MessageID) (conversation.MessageID, error) {
	links, err := collect(ctx, q, scanLink, `SELECT id, parent_id FROM messages
		WHERE account_id = $1 AND conversation_id = $2 ORDER BY created_at, place`, account, id)
	if err != nil {
		return "", err
	}
	leaf, ok := newestEnd(links, from)
	if !ok {
		return "", fault.New(fault.NotFound, "There is no such conversation, or no such message in it.")
	}
	return leaf, nil
}

// newestEnd goes down from a message, in whatever order parents and children
// stand, and returns the last of links that nothing follows. It reports false
// where the message is none of them.
func newestEnd(links []link, from conversation.MessageID) (leaf conversation.MessageID, ok bool) {
	children := make(map[conversation.MessageID][]int, len(links))
	newest := -1
	var open []int
	for i, l := range links {
		children[l.parent] = append(children[l.parent], i)
		if l.id == from {
			open = append(open, i)
		}
	}
	for len(open) > 0 {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		below := children[links[i].id]
		if len(below) == 0 {
			newest = max(newest, i)
		}
		open = append(open, below...)
	}
	if newest < 0 {
		return "", false
	}
	return links[newest].id, true
}
