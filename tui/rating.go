package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
	"github.com/aichat-term/aichat/tui/dialog"
)

func (a *App) rateWell() tea.Cmd { return a.rate(wire.RatingUp) }

func (a *App) rateBadly() tea.Cmd { return a.rate(wire.RatingDown) }

// rate rates the selected answer, or the last one; an answer that is rated so
// already is so no more. What it is rated is shown when the server has it. Why
// it is rated badly is asked at once; the rating does not wait for that.
func (a *App) rate(value string) tea.Cmd {
	msg, refusal := a.rateable()
	switch {
	case refusal != "":
		return a.say(toastWarn, refusal)
	case msg.Rating != nil && msg.Rating.Value == value:
		return a.takeRatingBack(msg.ID)
	}
	if value == wire.RatingDown {
		a.askReason(msg.ID, wire.Rating{Value: value})
	}
	return a.sendRating(msg.ID, wire.NewRating{Value: value})
}

// rateable is the answer that keys rate, or why there is none.
func (a *App) rateable() (msg *wire.Message, refusal string) {
	msg = a.chat.Answer()
	if msg == nil {
		return nil, "There is no answer to rate here."
	}
	if _, underway := a.rating[msg.ID]; underway {
		return nil, "Its rating is still on its way."
	}
	return msg, ""
}

// askWhy asks for the reason of a rating.
func (a *App) askWhy() tea.Cmd {
	msg, refusal := a.rateable()
	switch {
	case refusal != "":
		return a.say(toastWarn, refusal)
	case msg.Rating == nil:
		return a.say(toastInfo, "It is not rated yet: + rates it well, - badly.")
	}
	a.askReason(msg.ID, *msg.Rating)
	return nil
}

func (a *App) askReason(id string, r wire.Rating) {
	title := "Rated badly. Why?"
	if r.Value == wire.RatingUp {
		title = "Rated well. Why?"
	}
	hint := "enter keeps it with the rating, esc leaves the rating without a reason"
	if r.Reason != "" {
		hint = "enter keeps it with the rating, esc leaves the reason as it is"
	}
	a.asked = r.Value
	a.line = dialog.NewLine(a.theme, id, title, hint, r.Reason, wire.MaxRatingReason)
}

// reasoned gives a rating its reason, after the rating itself where that is still
// on its way.
func (a *App) reasoned(id, reason string) tea.Cmd {
	r := wire.NewRating{Value: a.asked, Reason: reason}
	_, underway := a.rating[id]
	switch known := a.chat.RatingOf(id); {
	case underway && reason != "":
		a.rating[id] = &r
		return nil
	case underway, known != nil && known.Value == r.Value && known.Reason == reason:
		return nil
	}
	return a.sendRating(id, r)
}

// rated is that a rating came to the server, or did not.
func (a *App) rated(msg ratedMsg) tea.Cmd {
	next := a.rating[msg.message]
	delete(a.rating, msg.message)
	if next != nil { // it says all that this one did
		return a.sendRating(msg.message, *next)
	}
	if msg.err != nil {
		return a.sayFailure("It could not be rated", msg.err)
	}
	a.chat.Rate(msg.message, msg.rating)
	switch {
	case msg.rating == nil:
		return a.say(toastInfo, "The rating is taken back.")
	case msg.rating.Reason == "" && a.line == nil: // which takes the keys
		return a.say(toastInfo, "The answer is "+chat.RatingText(msg.rating)+"; the same key takes it back.")
	}
	return a.say(toastInfo, "The answer is "+chat.RatingText(msg.rating)+".")
}
