package storetest

import (
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/usage"
)

// deleteUser: everything of the user goes, nothing of anybody else, and the
// account is closed.
func deleteUser(w *world) {
	mine, me := w.account, w.user
	kept := w.newChat("mine")
	w.say(kept.ID, "", "unicorn", "horse")
	own := w.newGrant(me)

	var bob identity.UserID
	w.account, bob = w.newUser("bob")
	w.user = bob
	chat := w.newChat("his")
	w.say(chat.ID, "", "unicorn", "gryphon")
	gone := w.newChat("deleted")
	w.must(w.chats.Delete(w.ctx, w.account, gone.ID, w.now()))
	running := w.begin(w.ask(w.newChat("running").ID, "", "dragon"))
	g, tok, b := w.newGrant(bob), w.newToken(bob), w.newBrowser(bob)
	w.must(w.who.Link(w.ctx, w.external(bob, "bob")))
	entry := usage.Entry{Account: w.account, Member: bob, ID: conversation.NewID(), Attempt: 1, CreatedAt: w.now(), CostMicroUSD: 7}
	w.must(w.ledger.Append(w.ctx, []usage.Entry{entry}))

	w.must(w.who.DeleteUser(w.ctx, bob))
	w.want(fault.NotFound, w.who.DeleteUser(w.ctx, bob))
	_, err := w.who.User(w.ctx, bob)
	w.want(fault.NotFound, err)
	w.wantAccess(g, false)
	_, _, err = w.who.TokenByHash(w.ctx, tok.Hash, w.clock)
	w.want(fault.Unauthenticated, err)
	w.wantBrowser(b, false)
	_, err = w.who.ExternalUser(w.ctx, w.external(bob, "bob"), w.clock)
	w.want(fault.NotFound, err)
	_, err = w.chats.Get(w.ctx, w.account, chat.ID)
	w.want(fault.NotFound, err)
	unicorns := conversation.SearchQuery{Query: conversation.ParseQuery("unicorn")}
	wantEqual(w, "hits", len(w.search(unicorns)), 0)
	for _, table := range []string{"conversations", "messages", "turns", "turn_chunks", "tombstones", "memberships"} {
		wantEqual(w, table, w.count(`SELECT count(*) FROM `+table+` WHERE account_id = $1`, string(w.account)), 0)
	}

	// The ledger is whole; the account takes nothing any more.
	entries, err := w.ledger.Entries(w.ctx, w.account, w.clock.Add(time.Hour), 10)
	w.must(err)
	wantEqual(w, "entries", len(entries), 1)
	wantEqual(w, "cost", entries[0].CostMicroUSD, 7)
	at := w.now()
	late := conversation.Conversation{Account: w.account, ID: newChatID(), Title: "late", Origin: conversation.FromChat, CreatedAt: at, UpdatedAt: at}
	w.want(fault.NotFound, w.chats.Create(w.ctx, late))
	ended, _, err := w.turns.Finish(w.ctx, w.done(running, "dragon"))
	w.must(err)
	wantEqual(w, "ended", ended, false)
	ask := w.ask(newChatID(), "", "hello")
	ask.Create = &conversation.Conversation{Title: "new", Origin: conversation.FromChat}
	_, _, err = w.turns.Begin(w.ctx, ask)
	w.want(fault.NotFound, err)

	w.account, w.user = mine, me
	w.wantAccess(own, true)
	wantEqual(w, "my hits", len(w.search(unicorns)), 1)
}

// deleteImpostor: who wrote down somebody else's address takes nothing of theirs
// along.
func deleteImpostor(w *world) {
	const victim = "ada@example.com"
	_, eve := w.newUser("eve")
	claimed := w.external(eve, "eve")
	claimed.Email, claimed.EmailVerified = victim, false
	w.must(w.who.Link(w.ctx, claimed))
	w.must(w.signin.Invite(w.ctx, signin.Invitation{Mailbox: victim, By: "operator", CreatedAt: w.now()}, nil))
	refusal := identity.Event{ID: conversation.NewID(), At: w.now(), What: identity.SignInRefused, Detail: "A wrong code for " + victim + "."}
	w.must(w.who.Record(w.ctx, refusal))

	w.must(w.who.DeleteUser(w.ctx, eve))
	_, err := w.signin.Invitation(w.ctx, victim, w.clock)
	w.must(err)
	events, err := w.who.Events(w.ctx, identity.EventFilter{What: identity.SignInRefused})
	w.must(err)
	wantEqual(w, "events", len(events), 1)
	wantEqual(w, "detail", events[0].Detail, refusal.Detail)
}

// raceDeleteUser: whatever the user's programs do meanwhile, nothing is left.
func raceDeleteUser(w *world) {
	for range rounds {
		account, bob := w.newUser("bob")
		w.account, w.user = account, bob
		chat := w.newChat("his")
		running := w.done(w.begin(w.ask(chat.ID, "", "one")), "two")
		ask := w.ask(newChatID(), "", "three")
		ask.Create = &conversation.Conversation{Title: "new", Origin: conversation.FromChat}
		g, d, o := w.newGrant(bob), w.newDevice(), w.newOpening()
		_, err := w.signin.DecideDevice(w.ctx, d.UserCodeHash, bob, true, w.clock)
		w.must(err)
		r, e := w.rotation(g), w.external(bob, conversation.NewID())
		together(6, func(i int) {
			var err error
			switch i {
			case 0:
				err = w.who.DeleteUser(w.ctx, bob)
			case 1:
				_, _, err = w.turns.Finish(w.ctx, running)
			case 2:
				_, _, err = w.turns.Begin(w.ctx, ask)
			case 3:
				_, err = w.signin.ClaimDevice(w.ctx, d.CodeHash, o.opening())
			case 4:
				_, err = w.signin.Rotate(w.ctx, r)
			case 5:
				err = w.who.Link(w.ctx, e)
			}
			if err != nil && (i == 0 || !fault.Is(err, fault.NotFound)) {
				w.Errorf("%d: %v", i, err)
			}
		})
		for _, table := range []string{"conversations", "messages", "turns", "turn_chunks", "memberships"} {
			wantEqual(w, table, w.count(`SELECT count(*) FROM `+table+` WHERE account_id = $1`, string(account)), 0)
		}
		for _, table := range []string{"sessions", "externals", "tokens"} {
			wantEqual(w, table, w.count(`SELECT count(*) FROM `+table+` WHERE user_id = $1`, string(bob)), 0)
		}
	}
}
