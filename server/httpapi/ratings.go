package httpapi

import (
	"context"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
)

type rateAnswerIn struct {
	ID   string `path:"id" doc:"The answer's id: a UUID in canonical form."`
	Body wire.NewRating
}

func (a *API) rateAnswer(ctx context.Context, who caller, in *rateAnswerIn) (wire.Rating, error) {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return wire.Rating{}, err
	}
	r := conversation.Rating{Message: conversation.MessageID(in.ID), User: who.User, Verdict: conversation.Verdict(in.Body.Value),
		Reason: in.Body.Reason, RatedAt: a.Now()}
	if err := r.Check(); err != nil {
		return wire.Rating{}, err
	}
	if err := a.Ratings.Rate(ctx, who.Account, r); err != nil {
		return wire.Rating{}, err
	}
	return *ratingOut(r), nil
}

type unrateAnswerIn struct {
	ID string `path:"id" doc:"The answer's id: a UUID in canonical form."`
}

func (a *API) unrateAnswer(ctx context.Context, who caller, in *unrateAnswerIn) error {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return err
	}
	return a.Ratings.Unrate(ctx, who.Account, who.User, conversation.MessageID(in.ID))
}

// addRatings gives answers what the caller thinks of them.
func (a *API) addRatings(ctx context.Context, who caller, found []conversation.Message, out []wire.Message) error {
	var answers []conversation.MessageID
	for i := range found {
		if found[i].Role == conversation.Assistant {
			answers = append(answers, found[i].ID)
		}
	}
	if len(answers) == 0 {
		return nil
	}
	of, err := a.Ratings.RatingsOf(ctx, who.Account, who.User, answers)
	for i := range found {
		if r, rated := of[found[i].ID]; rated {
			out[i].Rating = ratingOut(r)
		}
	}
	return err
}

func ratingOut(r conversation.Rating) *wire.Rating {
	return &wire.Rating{Value: string(r.Verdict), Reason: r.Reason, RatedAt: *timeOut(r.RatedAt)}
}
