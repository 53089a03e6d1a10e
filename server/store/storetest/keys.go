package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// aKey is a key with everything filled in.
func (w *world) aKey(o vault.Owner) vault.Sealed {
	return vault.Sealed{Box: []byte("box of " + o.Kind + "\x00\xff"), Key: vault.Key{
		ID: vault.KeyID(conversation.NewID()), Owner: o, Provider: "box", API: "openai-chat", BaseURL: "https://box.example.com/v1",
		Label: "Größe", Hint: "cdef", Weight: 3, CreatedAt: w.now(), CreatedBy: string(w.user), MasterKey: "m1",
	}}
}

func (w *world) addKey(o vault.Owner) vault.Sealed {
	w.Helper()
	k := w.aKey(o)
	w.must(w.db.Keys().AddKey(w.ctx, k))
	return k
}

func (w *world) wantKeys(what string, got []vault.Sealed, want ...vault.Sealed) {
	w.Helper()
	wantEqual(w, what, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", append([]vault.Sealed(nil), want...)))
}

func (w *world) keysRev() int64 {
	w.Helper()
	rev, err := w.db.Keys().Revision(w.ctx)
	w.must(err)
	return rev
}

// keys: what is added is found by its owner and nobody else, is changed where it is
// named, and of a removed one the key is gone.
func keys(w *world) {
	all := w.db.Keys()
	server, account, user := w.addKey(vault.Server()), w.addKey(vault.Account(w.account)), w.addKey(vault.User(w.user))
	_, other := w.newUser("bob")

	list, err := all.KeysOf(w.ctx, vault.User(w.user), vault.Account(w.account), vault.Server())
	w.must(err)
	w.wantKeys("all three", list, server, account, user)
	list, err = all.KeysOf(w.ctx, vault.User(other), vault.Server())
	w.must(err)
	w.wantKeys("another's", list, server)
	list, err = all.KeysOf(w.ctx)
	w.must(err)
	w.wantKeys("nobody's", list)
	heads, err := all.AllKeys(w.ctx)
	w.must(err)
	wantEqual(w, "heads", fmt.Sprintf("%+v", heads), fmt.Sprintf("%+v", []vault.Key{server.Key, account.Key, user.Key}))

	again := w.aKey(vault.User(other))
	again.ID = user.ID
	w.want(fault.IDConflict, all.AddKey(w.ctx, again))
	_, err = all.FindKey(w.ctx, vault.User(other), user.ID)
	w.want(fault.NotFound, err)
	label, off := "new", true
	_, err = all.ChangeKey(w.ctx, vault.User(other), user.ID, vault.Change{Label: &label})
	w.want(fault.NotFound, err)
	w.want(fault.NotFound, all.RemoveKey(w.ctx, vault.Server(), user.ID, w.now()))

	rev := w.keysRev()
	changed, err := all.ChangeKey(w.ctx, vault.User(w.user), user.ID, vault.Change{Label: &label, Disabled: &off})
	w.must(err)
	user.Label, user.Disabled = label, off
	wantEqual(w, "changed", fmt.Sprintf("%+v", changed), fmt.Sprintf("%+v", user.Key))
	wantEqual(w, "the revision is greater", w.keysRev() > rev, true)

	rev, at := w.keysRev(), w.now()
	w.must(all.RemoveKey(w.ctx, vault.User(w.user), user.ID, at))
	wantEqual(w, "the revision is greater again", w.keysRev() > rev, true)
	w.must(all.RemoveKey(w.ctx, vault.User(w.user), user.ID, w.now()))
	gone, err := all.FindKey(w.ctx, vault.User(w.user), user.ID)
	w.must(err)
	wantEqual(w, "removed", gone.RemovedAt, at)
	wantEqual(w, "its box", len(gone.Box), 0)
	wantEqual(w, "its name", gone.Label, label)
	_, err = all.ChangeKey(w.ctx, vault.User(w.user), user.ID, vault.Change{Label: &label})
	w.want(fault.NotFound, err)
	w.want(fault.IDConflict, all.AddKey(w.ctx, user))
	named, err := all.KeyNames(w.ctx, []vault.KeyID{user.ID, server.ID, "nobody's"})
	w.must(err)
	wantEqual(w, "named", len(named), 2)
	wantEqual(w, "a removed one's name", named[user.ID].Label, label)

	broken := w.aKey(vault.Server())
	broken.Label = "a\x00b"
	w.want(fault.TextInvalid, all.AddKey(w.ctx, broken))
}

// keysOfDeleted: keys go with their user, and with the account.
func keysOfDeleted(w *world) {
	w.addKey(vault.User(w.user))
	w.addKey(vault.Account(w.account))
	server := w.addKey(vault.Server())
	w.must(w.db.Keys().RemoveKey(w.ctx, vault.User(w.user), w.addKey(vault.User(w.user)).ID, w.now()))
	rev := w.keysRev()
	w.must(w.who.DeleteUser(w.ctx, w.user))
	wantEqual(w, "rows", w.count(`SELECT count(*) FROM provider_keys`), 1)
	wantEqual(w, "the revision is greater", w.keysRev() > rev, true)
	list, err := w.db.Keys().KeysOf(w.ctx, vault.User(w.user), vault.Account(w.account), vault.Server())
	w.must(err)
	w.wantKeys("what stays", list, server)
	for _, o := range []vault.Owner{vault.User(w.user), vault.Account(w.account)} {
		w.want(fault.NotFound, w.db.Keys().AddKey(w.ctx, w.aKey(o)))
	}
}

// raceDeleteWithKeys: a key that is added while its owner goes does not stay.
func raceDeleteWithKeys(w *world) {
	for range 10 {
		account, user := w.newUser("bob")
		mine, ours := w.aKey(vault.User(user)), w.aKey(vault.Account(account))
		var group sync.WaitGroup
		for _, k := range []vault.Sealed{mine, ours} {
			group.Go(func() {
				if err := w.db.Keys().AddKey(w.ctx, k); err != nil && !fault.Is(err, fault.NotFound) {
					w.Errorf("add: %v", err)
				}
			})
		}
		group.Go(func() {
			if err := w.who.DeleteUser(w.ctx, user); err != nil {
				w.Errorf("delete: %v", err)
			}
		})
		group.Wait()
		wantEqual(w, "keys that stay", w.count(`SELECT count(*) FROM provider_keys`), 0)
	}
}

// keyNotes: what comes of a key's use is kept; what is older is not.
func keyNotes(w *world) {
	k := w.addKey(vault.Server())
	note := func(at time.Time, trouble fault.Kind) {
		w.must(w.db.Keys().NoteKeys(w.ctx, []vault.Note{{Key: "nobody's", At: at}, {Key: k.ID, At: at, Trouble: trouble}}))
	}
	wantNoted := func(used time.Time, trouble vault.Trouble) {
		w.Helper()
		got, err := w.db.Keys().FindKey(w.ctx, vault.Server(), k.ID)
		w.must(err)
		wantEqual(w, "used", got.UsedAt, used)
		wantEqual(w, "trouble", got.Trouble, trouble)
	}
	wantNoted(time.Time{}, vault.Trouble{})
	rev, first, second, third := w.keysRev(), w.now(), w.now(), w.now()
	note(second, fault.ProviderRateLimited)
	limited := vault.Trouble{Kind: fault.ProviderRateLimited, At: second}
	wantNoted(second, limited)
	note(first, fault.Internal)
	wantNoted(second, limited)
	note(third, fault.Internal)
	wantNoted(third, vault.Trouble{})
	wantEqual(w, "the revision", w.keysRev(), rev)
	w.must(w.db.Keys().NoteKeys(w.ctx, nil))
}

// resealing: keys of another master key are found in pieces, and a box is replaced
// only where it is still the one that was read.
func resealing(w *world) {
	all := w.db.Keys()
	var stale []vault.Sealed
	for range 5 {
		stale = append(stale, w.addKey(vault.Server()))
	}
	removed := w.addKey(vault.Server())
	w.must(all.RemoveKey(w.ctx, vault.Server(), removed.ID, w.now()))
	off := true
	_, err := all.ChangeKey(w.ctx, vault.Server(), stale[4].ID, vault.Change{Disabled: &off})
	w.must(err)
	uses, err := all.MasterKeys(w.ctx)
	w.must(err)
	wantEqual(w, "uses", fmt.Sprint(uses), fmt.Sprint([]vault.MasterUse{{MasterKey: "m1", Enabled: 4, Disabled: 1}}))

	seen, rev := 0, w.keysRev()
	for after := vault.KeyID(""); ; {
		some, err := all.NotSealedBy(w.ctx, "m2", after, 2)
		w.must(err)
		if len(some) == 0 {
			break
		}
		seen, after = seen+len(some), some[len(some)-1].ID
	}
	wantEqual(w, "seen", seen, 5)
	n, err := all.Reseal(w.ctx, []vault.Resealed{
		{ID: stale[1].ID, From: stale[1].Box, To: []byte("new"), MasterKey: "m2"},
		{ID: stale[0].ID, From: []byte("not it"), To: []byte("new"), MasterKey: "m2"},
		{ID: removed.ID, From: removed.Box, To: []byte("new"), MasterKey: "m2"},
	})
	w.must(err)
	wantEqual(w, "resealed", n, 1)
	wantEqual(w, "the revision is greater", w.keysRev() > rev, true)
	got, err := all.FindKey(w.ctx, vault.Server(), stale[1].ID)
	w.must(err)
	wantEqual(w, "its box and master", string(got.Box)+got.MasterKey, "newm2")
	left, err := all.NotSealedBy(w.ctx, "m2", "", 10)
	w.must(err)
	wantEqual(w, "left", len(left), 4)
}

// raceReseal: two that reseal the same keys, and one that removes them, harm nobody.
func raceReseal(w *world) {
	all := w.db.Keys()
	var some []vault.Sealed
	for range 8 {
		some = append(some, w.addKey(vault.Server()))
	}
	var group sync.WaitGroup
	var done [2]int64
	for i := range done {
		group.Go(func() {
			for _, k := range some {
				n, err := all.Reseal(w.ctx, []vault.Resealed{{ID: k.ID, From: k.Box, To: fmt.Append(nil, "by ", i), MasterKey: "m2"}})
				if done[i] += n; err != nil {
					w.Errorf("reseal: %v", err)
				}
			}
		})
	}
	group.Go(func() {
		for _, k := range some[:4] {
			if err := all.RemoveKey(w.ctx, vault.Server(), k.ID, time.Unix(1, 0)); err != nil {
				w.Errorf("remove: %v", err)
			}
		}
	})
	group.Wait()
	if n := done[0] + done[1]; n < 4 || n > 8 {
		w.Errorf("resealed %d times, of 8 keys of which 4 were removed", n)
	}
	wantEqual(w, "removed ones with a box", w.count(`SELECT count(*) FROM provider_keys WHERE removed_at > 0 AND length(box) > 0`), 0)
	wantEqual(w, "of the new master", w.count(`SELECT count(*) FROM provider_keys WHERE removed_at = 0 AND master_key = 'm2'`), 4)
}
