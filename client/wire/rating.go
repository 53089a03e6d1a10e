package wire

import "time"

// PathMessages is below which a message is named by its id alone, and BelowRating
// what its user thinks of it.
const (
	PathMessages = "/api/v1/messages"
	BelowRating  = "rating"
)

// MessagePath is the path of one message, or of something below it.
func MessagePath(id string, below ...string) string { return join(PathMessages, id, below) }

// Rating is what one user thinks of an answer. Nobody else sees it; how often
// answers of a model were rated well is counted.
type Rating struct {
	Value   string    `json:"value"` // RatingUp or RatingDown
	Reason  string    `json:"reason,omitempty"`
	RatedAt time.Time `json:"rated_at"`
}

// Values of a rating.
const (
	RatingUp   = "up"
	RatingDown = "down"
)

// NewRating rates an answer, in the place of what it was rated before. Reason may
// be empty, and has at most MaxRatingReason bytes.
type NewRating struct {
	Value  string `json:"value"`
	Reason string `json:"reason,omitempty"`
}

// MaxRatingReason bounds a reason, in bytes.
const MaxRatingReason = 2000
