package store

import (
	"context"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
)

// Finish implements turn.Store. The first statement is the fence: it changes the
// turn only while it runs under the caller's epoch, and locks it.
func (s *Turns) Finish(ctx context.Context, p turn.FinishParams) (ended bool, warnings []quota.Warning, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		ended, warnings = false, nil
		var t endedTurn
		ok, err := found(q.QueryRowContext(ctx, `UPDATE turns SET state = $4, ended_at = $5
			WHERE account_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'
			RETURNING conversation_id, question_id`,
			p.Ref.Account, p.Ref.ID, p.Epoch, p.State, micros(p.Now)), &t.conversation, &t.question)
		if err != nil {
			return err
		}
		if !ok {
			return errNothing
		}
		if warnings, err = s.finish(ctx, q, p, t); err != nil {
			return err
		}
		ended = true
		return nil
	})
	if err != nil {
		return false, nil, err
	}
	return ended, warnings, nil
}

// endedTurn is where the turn's answer belongs.
type endedTurn struct {
	conversation conversation.ID
	question     conversation.MessageID
}

// finish stores the answer and what goes with it, whether or not the
// conversation has been deleted meanwhile: then both are hidden until it is
// restored.
func (s *Turns) finish(ctx context.Context, q querier, p turn.FinishParams, t endedTurn) ([]quota.Warning, error) {
	rev, err := bump(ctx, q, p.Ref.Account, 2)
	if err != nil {
		return nil, err
	}
	answer := p.Answer
	answer.Account, answer.ID, answer.Rev = p.Ref.Account, p.Ref.ID, rev+1
	answer.Conversation, answer.Parent, answer.Role = t.conversation, t.question, conversation.Assistant
	if answer.CreatedAt.IsZero() {
		answer.CreatedAt = p.Now
	}
	// Begin made sure that the id was free. Should a question have taken it since,
	// by the client's doing, the turn ends all the same: it must not run for ever.
	if _, err := insertMessage(ctx, s.db, q, answer); err != nil {
		return nil, err
	}
	if _, err := q.ExecContext(ctx, `UPDATE conversations SET updated_at = $5, rev = $6,
			leaf_id = CASE WHEN leaf_id = $3 THEN $4 ELSE leaf_id END
		WHERE account_id = $1 AND id = $2`,
		p.Ref.Account, t.conversation, t.question, p.Ref.ID, micros(p.Now), rev); err != nil {
		return nil, err
	}
	warnings, err := settleTurn(ctx, s.db, q, p.Ref.Account, string(p.Ref.ID), p.Entries)
	if err != nil {
		return nil, err
	}
	_, err = q.ExecContext(ctx, `DELETE FROM turn_chunks WHERE account_id = $1 AND turn_id = $2`, p.Ref.Account, p.Ref.ID)
	return warnings, err
}
