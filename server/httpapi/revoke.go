package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// holders knows which streams are open, and for whom: so that each ends at once
// when the session, token or user that asked for it does, and all with the
// server.
type holders struct {
	now func() time.Time

	mu   sync.Mutex
	open map[*holder]struct{}

	// ended remembers what ended lately: a stream that was let in just before
	// comes to hold just after. Ids of sessions, tokens and users are UUIDs, so
	// that one map serves all.
	ended map[string]time.Time
}

// holder is a stream that is open.
type holder struct {
	of     *holders
	user   identity.UserID
	id     string // the session's or token's; empty: the owner of a socket
	cancel context.CancelFunc
}

// remembered is how long it is known that something has ended. Between being let
// in and being held a request reads its body, which takes bodyTime at most.
const remembered = 2 * bodyTime

var errEnded = fault.New(fault.Unauthenticated, "This session has been signed out.")

func newHolders(now func() time.Time) *holders {
	return &holders{now: now, open: map[*holder]struct{}{}, ended: map[string]time.Time{}}
}

// hold lets a stream be ended with its caller's session, by cancel; nil: that has
// ended already. The caller releases it.
func (h *holders) hold(who caller, cancel context.CancelFunc) *holder {
	one := &holder{of: h, user: who.User, id: who.Session, cancel: cancel}
	h.mu.Lock()
	defer h.mu.Unlock()
	if one.id != "" && (h.hasEnded(one.id) || h.hasEnded(string(one.user))) {
		cancel()
		return nil
	}
	h.open[one] = struct{}{}
	return one
}

func (h *holders) hasEnded(id string) bool {
	_, ok := h.ended[id]
	return ok
}

// release lets go of the stream, which has ended.
func (o *holder) release() {
	o.cancel()
	o.of.mu.Lock()
	defer o.of.mu.Unlock()
	delete(o.of.open, o)
}

// end ends what is open of sessions, tokens or users, and what is about to be.
func (h *holders) end(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	for id, at := range h.ended {
		if now.Sub(at) > remembered {
			delete(h.ended, id)
		}
	}
	fresh := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !h.hasEnded(id) {
			h.ended[id], fresh[id] = now, true
		}
	}
	if len(fresh) == 0 {
		return
	}
	for one := range h.open {
		if one.id != "" && (fresh[one.id] || fresh[string(one.user)]) {
			one.cancel()
		}
	}
}

// endAll ends every stream that is open.
func (h *holders) endAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for one := range h.open {
		one.cancel()
	}
}

// End ends the streams that are open by sessions or tokens of these ids, or of
// users of these ids, at once. It is called for what was revoked elsewhere:
// another process, the operator, the OAuth door. Ids that nobody has here are
// nothing.
func (a *API) End(ids ...string) { a.holders.end(ids...) }
