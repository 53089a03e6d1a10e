package chat

import (
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
)

// Answer is the answer that is selected, or the last one there is, that is not
// being written any more; nil: there is none.
func (m *Model) Answer() *wire.Message {
	rateable := func(it *item) bool { return it.msg.Role == wire.RoleAssistant && !it.running }
	if m.focused && m.selected >= 0 && m.selected < len(m.items) {
		if it := m.items[m.selected]; rateable(it) {
			return it.message()
		}
		return nil
	}
	for _, it := range slices.Backward(m.items) {
		if rateable(it) {
			return it.message()
		}
	}
	return nil
}

// Rate shows how an answer is rated; nil: it is not. An answer that is not shown
// is not looked for.
func (m *Model) Rate(id string, r *wire.Rating) {
	if it := m.byID[id]; it != nil {
		it.msg.Rating = r
		it.blocks.changed()
		m.stale = true
	}
}

// RatingText is how an answer is rated, in words; empty: it is not.
func RatingText(r *wire.Rating) string {
	switch {
	case r == nil:
		return ""
	case r.Value == wire.RatingUp:
		return because("rated well", r)
	case r.Value == wire.RatingDown:
		return because("rated badly", r)
	}
	return ""
}

func because(say string, r *wire.Rating) string {
	if reason := terminal.Line(r.Reason); reason != "" {
		return say + ": " + terminal.Truncate(reason, 40, "…")
	}
	return say
}

// sameRating reports whether two ratings are drawn alike.
func sameRating(a, b *wire.Rating) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Value == b.Value && a.Reason == b.Reason)
}

// RatingOf is how an answer that is shown is rated; nil: it is not.
func (m *Model) RatingOf(id string) *wire.Rating {
	if it := m.byID[id]; it != nil {
		return it.msg.Rating
	}
	return nil
}
