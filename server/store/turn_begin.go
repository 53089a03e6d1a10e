package store

import (
	"context"
	"database/sql"
	"encoding/hex"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
)

// beginTurnText stores the turn where everything it needs is there, and nothing
// otherwise; %s is the database's clock. $11 says that the conversation comes
// with the turn, $12 that the question does; $13 is the new question's parent.
//
// The unique indexes decide between turns that begin at once: the second waits
// for the first's commit and then stores nothing.
const beginTurnText = `INSERT INTO turns (account_id, id, conversation_id, question_id, member_id, model, digest,
		state, started_at, owner, epoch, lease_until)
	SELECT $1, $2, $3, $4, $5, $6, $7, 'running', CAST($8 AS BIGINT), $9, 1, %s + CAST($10 AS BIGINT)
	WHERE NOT EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $2)
	AND (CAST($11 AS BOOLEAN) OR EXISTS (SELECT 1 FROM conversations
		WHERE account_id = $1 AND id = $3 AND deleted_at = 0))
	AND CASE WHEN CAST($12 AS BOOLEAN)
		THEN NOT EXISTS (SELECT 1 FROM turns WHERE account_id = $1 AND id = $4)
			AND ($13 = '' OR EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $13 AND conversation_id = $3))
		ELSE EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $4 AND conversation_id = $3 AND role = 'user')
		END
	ON CONFLICT DO NOTHING`

// Begin implements turn.Store. A new turn takes five statements: turn, revision,
// conversation, question, words; and two more where it is metered. Nothing is asked beforehand; where the first
// stores nothing, explain finds out why.
func (s *Turns) Begin(ctx context.Context, p turn.BeginParams) (rec turn.Record, created bool, err error) {
	if err := checkBegin(&p); err != nil {
		return rec, false, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, s.db.sql.beginTurn, beginArgs(p)...)
		if err != nil {
			return err
		}
		if n == 0 {
			rec, err = explain(ctx, q, p)
			created = false
			return err
		}
		rec, created = begun(p), true
		return s.begin(ctx, q, p)
	})
	if err != nil {
		return turn.Record{}, false, err
	}
	return rec, created, nil
}

// checkBegin settles what the caller may leave out, and refuses what the
// databases cannot keep.
func checkBegin(p *turn.BeginParams) error {
	if p.Ask != nil {
		p.Record.Question = p.Ask.ID
		for i := range p.Ask.Parts {
			if err := conversation.CheckText("the question", p.Ask.Parts[i].Text); err != nil {
				return err
			}
		}
	}
	if p.Create != nil {
		return checkConversation(*p.Create)
	}
	return nil
}

func beginArgs(p turn.BeginParams) []any {
	var parent conversation.MessageID
	if p.Ask != nil {
		parent = p.Ask.Parent
	}
	r := p.Record
	return []any{r.Account, r.ID, r.Conversation, r.Question, r.Member, r.Model, hex.EncodeToString(r.Digest),
		micros(p.Now), r.Owner, p.Lease.Microseconds(), p.Create != nil, p.Ask != nil, parent}
}

// begun is the record of a turn just stored.
func begun(p turn.BeginParams) turn.Record {
	r := p.Record
	r.State, r.Epoch, r.StartedAt, r.CancelAsked, r.Position = turn.Running, 1, fromMicros(micros(p.Now)), false, 0
	return r
}

// begin stores what comes with a turn.
func (s *Turns) begin(ctx context.Context, q querier, p turn.BeginParams) error {
	rev, err := bump(ctx, q, p.Record.Account, 2)
	if err != nil {
		return err
	}
	if p.Hold != nil {
		if err := reserve(ctx, s.db, q, p.Hold); err != nil {
			return err
		}
	}
	if err := placeTurn(ctx, q, p, rev); err != nil {
		return err
	}
	if p.Ask == nil {
		return nil
	}
	ask := *p.Ask
	ask.Account, ask.Conversation, ask.Rev = p.Record.Account, p.Record.Conversation, rev+1
	ask.Role, ask.State = conversation.User, conversation.Complete
	if ask.CreatedAt.IsZero() {
		ask.CreatedAt = p.Now
	}
	stored, err := insertMessage(ctx, s.db, q, ask)
	if err != nil || stored {
		return err
	}
	return sameQuestion(ctx, q, ask)
}

// placeTurn creates the conversation, or moves the one there is to the question.
func placeTurn(ctx context.Context, q querier, p turn.BeginParams, rev int64) error {
	r := p.Record
	if p.Create != nil {
		c := *p.Create
		madeOf := digestOf(c)
		c.Account, c.ID, c.Model, c.Leaf = r.Account, r.Conversation, r.Model, r.Question
		c.UpdatedAt = p.Now
		if c.CreatedAt.IsZero() {
			c.CreatedAt = p.Now
		}
		if p.Unseen {
			return createUnseen(ctx, q, c, madeOf, rev)
		}
		if created, err := createConversation(ctx, q, c, madeOf, rev); err != nil || created {
			return err
		}
	}
	n, err := affected(ctx, q, `UPDATE conversations SET leaf_id = $3, model = $4, updated_at = $5, rev = $6
		WHERE account_id = $1 AND id = $2 AND deleted_at = 0 AND (CAST($7 AS TEXT) IS NULL OR leaf_id = $7)`,
		r.Account, r.Conversation, r.Question, r.Model, micros(p.Now), rev, optional(p.Leaf))
	switch {
	case err != nil || n > 0:
		return err
	case p.Leaf != nil:
		return turn.ErrMoved // or deleted, which the next reading tells
	}
	return errNoConversation
}

// createUnseen creates a conversation that is thought to be new, and says ErrMoved
// where it is not, whatever it was created as.
func createUnseen(ctx context.Context, q querier, c conversation.Conversation, madeOf string, rev int64) error {
	created, err := insertConversation(ctx, q, c, madeOf, rev)
	if err == nil && !created {
		err = turn.ErrMoved
	}
	return err
}

// sameQuestion accepts a question whose id is taken if it is the same question.
func sameQuestion(ctx context.Context, q querier, ask conversation.Message) error {
	parts, err := partsText(ask.Parts)
	if err != nil {
		return err
	}
	var n int
	err = q.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE account_id = $1 AND id = $2
		AND conversation_id = $3 AND parent_id = $4 AND role = $5 AND parts = $6`,
		ask.Account, ask.ID, ask.Conversation, ask.Parent, ask.Role, parts).Scan(&n)
	if err == nil && n == 0 {
		return fault.New(fault.IDConflict, "The question's id is already used for another message.")
	}
	return err
}

// explain says why a turn was not stored: it was before, or something is in its
// way, or, if nothing is any more, that it may be tried again.
func explain(ctx context.Context, q querier, p turn.BeginParams) (turn.Record, error) {
	r := p.Record
	old, ok, err := getTurn(ctx, q, r.Ref)
	if err != nil {
		return turn.Record{}, err
	}
	if ok {
		if string(old.Digest) != string(r.Digest) || old.Conversation != r.Conversation {
			return turn.Record{}, fault.New(fault.IDConflict, "That turn's id is already used for another request.")
		}
		return old, nil
	}
	for _, why := range obstacles {
		var is bool
		if err := q.QueryRowContext(ctx, why.query, why.args(p)...).Scan(&is); err != nil {
			return turn.Record{}, err
		}
		if is {
			return turn.Record{}, why.fault
		}
	}
	return turn.Record{}, runningFault(ctx, q, r)
}

// obstacles are the conditions of beginTurnText, told apart.
var obstacles = []struct {
	query string
	args  func(turn.BeginParams) []any
	fault *fault.Error
}{
	{`SELECT EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $2)`,
		func(p turn.BeginParams) []any { return []any{p.Record.Account, p.Record.ID} },
		fault.New(fault.IDConflict, "The answer's id is already used for another message.")},
	{`SELECT NOT (CAST($3 AS BOOLEAN) OR EXISTS (SELECT 1 FROM conversations WHERE account_id = $1 AND id = $2 AND deleted_at = 0))`,
		func(p turn.BeginParams) []any {
			return []any{p.Record.Account, p.Record.Conversation, p.Create != nil}
		},
		errNoConversation},
	{`SELECT CAST($3 AS BOOLEAN) AND EXISTS (SELECT 1 FROM turns WHERE account_id = $1 AND id = $2)`,
		func(p turn.BeginParams) []any { return []any{p.Record.Account, p.Record.Question, p.Ask != nil} },
		fault.New(fault.IDConflict, "The question's id is already used for an answer.")},
	{`SELECT $3 <> '' AND NOT EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $3 AND conversation_id = $2)`,
		func(p turn.BeginParams) []any {
			needed := p.Record.Question
			if p.Ask != nil {
				needed = p.Ask.Parent
			}
			return []any{p.Record.Account, p.Record.Conversation, needed}
		},
		fault.New(fault.NotFound, "There is no such message in that conversation.")},
	{`SELECT NOT CAST($3 AS BOOLEAN) AND NOT EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $2 AND role = 'user')`,
		func(p turn.BeginParams) []any { return []any{p.Record.Account, p.Record.Question, p.Ask != nil} },
		fault.New(fault.NotFound, "There is no such question in that conversation.")},
}

// runningFault names the turn that the conversation runs, or says errAgain where
// it has just ended.
func runningFault(ctx context.Context, q querier, r turn.Record) error {
	var running string
	ok, err := found(q.QueryRowContext(ctx, `SELECT id FROM turns
		WHERE account_id = $1 AND conversation_id = $2 AND state = 'running'`, r.Account, r.Conversation), &running)
	switch {
	case err != nil:
		return err
	case !ok:
		return errAgain
	}
	return &fault.Error{Kind: fault.TurnRunning, Subject: running}
}

const turnColumns = `t.account_id, t.id, t.conversation_id, t.question_id, t.member_id, t.model, t.digest, t.state,
	t.started_at, t.owner, t.epoch, t.cancel_asked,
	COALESCE((SELECT max(k.ends) FROM turn_chunks k WHERE k.account_id = t.account_id AND k.turn_id = t.id), 0)`

func scanTurn(rows *sql.Rows) (r turn.Record, err error) {
	var digest string
	var started int64
	if err := rows.Scan(&r.Account, &r.ID, &r.Conversation, &r.Question, &r.Member, &r.Model, &digest, &r.State,
		&started, &r.Owner, &r.Epoch, &r.CancelAsked, &r.Position); err != nil {
		return r, err
	}
	r.StartedAt = fromMicros(started)
	r.Digest, err = hex.DecodeString(digest)
	return r, err
}

func getTurn(ctx context.Context, q querier, ref turn.Ref) (turn.Record, bool, error) {
	all, err := collect(ctx, q, scanTurn, `SELECT `+turnColumns+` FROM turns t WHERE t.account_id = $1 AND t.id = $2`,
		ref.Account, ref.ID)
	if err != nil || len(all) == 0 {
		return turn.Record{}, false, err
	}
	return all[0], true, nil
}

var errNoTurn = fault.New(fault.NotFound, "There is no such turn.")

// Get implements turn.Store.
func (s *Turns) Get(ctx context.Context, ref turn.Ref) (rec turn.Record, err error) {
	err = s.db.view(ctx, func(q querier) error {
		var ok bool
		rec, ok, err = getTurn(ctx, q, ref)
		if err == nil && !ok {
			return errNoTurn
		}
		return err
	})
	return rec, err
}
