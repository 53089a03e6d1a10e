package conversation

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Verdict is what somebody thinks of an answer, in one word.
type Verdict string

// The verdicts.
const (
	Up   Verdict = "up"
	Down Verdict = "down"
)

// MaxReason bounds a rating's reason, in bytes.
const MaxReason = 2000

// Rating is what one user thinks of an answer. It is that user's own, and nobody
// else's to read.
type Rating struct {
	Message MessageID
	User    identity.UserID
	Verdict Verdict
	Reason  string // may be empty
	RatedAt time.Time
}

// Check says whether the rating can be stored: Invalid or TextInvalid.
func (r *Rating) Check() error {
	if r.Verdict != Up && r.Verdict != Down {
		return fault.Field("value", "value must be up or down.")
	}
	if len(r.Reason) > MaxReason {
		return fault.Field("reason", "A reason has at most %d bytes.", MaxReason)
	}
	return CheckText("reason", r.Reason)
}

// Ratings keeps what users think of answers. Like a change of the message, a
// rating gives it the account's next revision, so that the user's other clients
// hear of it.
type Ratings interface {
	// Rate stores a rating in the place of the user's earlier one of that answer.
	// NotFound where there is no such answer.
	Rate(ctx context.Context, account identity.AccountID, r Rating) error

	// Unrate takes a user's rating back; where there is none, that is nothing.
	// NotFound where there is no such answer.
	Unrate(ctx context.Context, account identity.AccountID, user identity.UserID, message MessageID) error

	// RatingsOf returns a user's ratings of some messages; one that is not rated is
	// not in the map.
	RatingsOf(ctx context.Context, account identity.AccountID, user identity.UserID, messages []MessageID) (map[MessageID]Rating, error)
}
