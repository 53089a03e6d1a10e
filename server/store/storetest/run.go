package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
)

// Peek asks a database for a number, past the store: what must not be there is
// not to be had from it.
type Peek func(ctx context.Context, db *store.DB, query string, args ...any) (int64, error)

// Run checks a database. open returns an empty one with the current schema; it
// is called once for each test, and closes what it opened.
func Run(t *testing.T, open func(t *testing.T) *store.DB, peek Peek) {
	for name, test := range map[string]func(*world){
		"identities":               identities,
		"tokens":                   tokens,
		"names":                    names,
		"profile":                  profile,
		"server admins":            serverAdmins,
		"race: server admins":      raceServerAdmins,
		"token seen":               tokenSeen,
		"sessions":                 sessions,
		"session seen":             sessionSeen,
		"revoked since":            revokedSince,
		"devices":                  devices,
		"device polls":             devicePolls,
		"claim device":             claimDevice,
		"race: claim device":       raceClaimDevice,
		"rotate":                   rotate,
		"rotate reuse":             rotateReuse,
		"rotate salts":             rotateSalts,
		"race: rotate":             raceRotate,
		"race: rotate and revoke":  raceRotateRevoke,
		"session of":               sessionOf,
		"externals":                externals,
		"race: unlink":             raceUnlink,
		"race: link":               raceLink,
		"audit":                    audit,
		"browsers":                 browsers,
		"logins":                   logins,
		"race: claim login":        raceClaimLogin,
		"email codes":              emailCodes,
		"race: email codes":        raceEmailCodes,
		"owner links":              ownerLinks,
		"race: owner links":        raceOwnerLinks,
		"sign up":                  signUp,
		"race: sign up":            raceSignUp,
		"invitations":              invitations,
		"prune":                    prune,
		"prune keeps":              pruneKeeps,
		"prune tokens":             pruneTokens,
		"delete user":              deleteUser,
		"delete impostor":          deleteImpostor,
		"race: delete user":        raceDeleteUser,
		"one local owner":          oneLocalOwner,
		"create":                   create,
		"change":                   change,
		"leaves":                   leaves,
		"titles":                   titles,
		"find by prefix":           findByPrefix,
		"list":                     listing,
		"accounts are apart":       accountsApart,
		"branches":                 branches,
		"siblings":                 siblings,
		"delete and restore":       deleteAndRestore,
		"purge":                    purge,
		"fork":                     fork,
		"changes":                  changes,
		"sync reset":               syncReset,
		"texts are kept":           textsAreKept,
		"begin":                    begin,
		"begin again":              beginAgain,
		"begin refuses":            beginRefuses,
		"finish":                   finish,
		"finish of a deleted one":  finishDeleted,
		"checkpoint":               checkpoint,
		"checkpoint of many":       checkpointMany,
		"cancel":                   cancelling,
		"claim":                    claim,
		"ledger":                   ledger,
		"search":                   search,
		"search pages":             searchPages,
		"search of large messages": searchLarge,
		"search scope":             searchScope,
		"begin behind the leaf":    beginBehindLeaf,
		"begin unseen":             beginUnseen,
		"race: begin":              raceBegin,
		"race: follow":             raceFollow,
		"race: begin with create":  raceBeginCreate,
		"race: change":             raceChange,
		"race: revisions":          raceRevisions,
		"race: claim":              raceClaim,
		"race: finish":             raceFinish,
		"race: delete and finish":  raceDeleteFinish,
		"settling":                 settling,
		"names used again":         namesUsedAgain,
		"keys of the dead":         keysOfTheDead,
		"limits":                   limits,
		"long answers":             longAnswers,
		"turns are metered":        turnsAreMetered,
		"holds unseen":             holdsUnseen,
		"expiring":                 expiring,
		"warnings":                 warnings,
		"rebuilding":               rebuilding,
		"plans":                    plansOf,
		"anchors":                  anchors,
		"clocks":                   clocks,
		"keys":                     keys,
		"keys of deleted users":    keysOfDeleted,
		"race: delete with keys":   raceDeleteWithKeys,
		"key notes":                keyNotes,
		"resealing":                resealing,
		"race: reseal":             raceReseal,
		"race: reserve":            raceReserve,
		"race: turns of a limit":   raceTurnsOfLimit,
		"race: warn":               raceWarn,
		"race: rebuild":            raceRebuild,
		"race: anchor":             raceAnchor,
		"rollups":                  rollups,
		"race: roll up":            raceRollUp,
		"ledger pages":             ledgerPages,
		"titles of usage":          titlesOfUsage,
		"keys to readers":          keysToReaders,
		"ratings":                  ratings,
		"many writers and readers": manyWritersAndReaders,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, open(t), peek))
		})
	}
}

// world is a store with one account, and short ways to say what a test does.
type world struct {
	*testing.T
	ctx     context.Context
	db      *store.DB
	peek    Peek
	who     *store.Identities
	chats   *store.Conversations
	turns   *store.Turns
	ledger  *store.Ledger
	quota   *store.Quota
	signin  *store.SignIn
	account identity.AccountID
	user    identity.UserID
	clock   time.Time
}

func newWorld(t *testing.T, db *store.DB, peek Peek) *world {
	w := &world{T: t, ctx: t.Context(), db: db, peek: peek, who: db.Identities(), chats: db.Conversations(), turns: db.Turns(),
		ledger: db.Ledger(), quota: db.Quota(), signin: db.SignIn(), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.account, w.user = w.newUser("ann")
	t.Cleanup(func() {
		w.ctx = context.WithoutCancel(w.ctx) // the test's own has ended
		w.wantCounted()
	})
	return w
}

// now is a clock that goes on by a second at each look.
func (w *world) now() time.Time {
	w.clock = w.clock.Add(time.Second)
	return w.clock
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("unexpected: %v", err)
	}
}

func (w *world) want(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("got %v, want a fault of kind %v", err, kind)
	}
}

// wantEqual compares what can be compared.
func wantEqual[T comparable](w *world, what string, got, want T) {
	w.Helper()
	if got != want {
		w.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// count is the number that a query selects.
func (w *world) count(query string, args ...any) int64 {
	w.Helper()
	n, err := w.peek(w.ctx, w.db, query, args...)
	w.must(err)
	return n
}

func (w *world) newUser(name string) (identity.AccountID, identity.UserID) {
	w.Helper()
	u := identity.User{ID: identity.UserID(conversation.NewID()), Name: name,
		Account: identity.AccountID(conversation.NewID()), CreatedAt: w.now()}
	w.must(w.who.CreateUser(w.ctx, u))
	return u.Account, u.ID
}

func newChatID() conversation.ID           { return conversation.ID(conversation.NewID()) }
func newMessageID() conversation.MessageID { return conversation.MessageID(conversation.NewID()) }

func text(s string) []conversation.Part {
	return []conversation.Part{{Type: conversation.Text, Text: s}}
}

// newChat creates a listed conversation.
func (w *world) newChat(title string) conversation.Conversation {
	w.Helper()
	at := w.now()
	c := conversation.Conversation{Account: w.account, ID: newChatID(), Title: title, Model: "demo/echo",
		Origin: conversation.FromChat, Listed: true, CreatedAt: at, UpdatedAt: at}
	w.must(w.chats.Create(w.ctx, c))
	return c
}

func (w *world) get(id conversation.ID) conversation.Conversation {
	w.Helper()
	c, err := w.chats.Get(w.ctx, w.account, id)
	w.must(err)
	return c
}

// ask is the parameters of a turn that asks s under parent.
func (w *world) ask(chat conversation.ID, parent conversation.MessageID, s string) turn.BeginParams {
	at := w.now()
	return turn.BeginParams{
		Record: turn.Record{Ref: turn.Ref{Account: w.account, ID: newMessageID()}, Conversation: chat,
			Member: w.user, Model: "demo/echo", Digest: []byte(s), Owner: "p1"},
		Ask:   &conversation.Message{ID: newMessageID(), Parent: parent, Parts: text(s), CreatedAt: at},
		Lease: time.Minute, Now: at,
	}
}

func (w *world) begin(p turn.BeginParams) turn.Record {
	w.Helper()
	rec, created, err := w.turns.Begin(w.ctx, p)
	w.must(err)
	wantEqual(w, "created", created, true)
	return rec
}

// done is the parameters that end a turn with an answer.
func (w *world) done(rec turn.Record, s string) turn.FinishParams {
	at := w.now()
	return turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed, Now: at,
		Answer: conversation.Message{State: conversation.Complete, Parts: text(s), Model: rec.Model,
			Finish: "stop", CreatedAt: at, FinishedAt: at}}
}

func (w *world) finish(p turn.FinishParams) {
	w.Helper()
	ended, _, err := w.turns.Finish(w.ctx, p)
	w.must(err)
	wantEqual(w, "ended", ended, true)
}

// say runs one whole turn and returns question and answer.
func (w *world) say(chat conversation.ID, parent conversation.MessageID, question, answer string) (q, a conversation.MessageID) {
	w.Helper()
	rec := w.begin(w.ask(chat, parent, question))
	w.finish(w.done(rec, answer))
	return rec.Question, rec.ID
}
