package quota

import "github.com/aichat-term/aichat/server/usage"

// SubjectsOf are whom a ledger's row counts for.
func SubjectsOf(e *usage.Entry) Subjects {
	return Subjects{Member: e.Member, Model: e.Provider + "/" + e.Model, Key: e.KeyID}
}

// Tally adds up what charged rows of one account's ledger count for. Rows of one
// reservation must come together: an answer is one message, however many rows
// its attempts have left. The zero Tally is empty and counts nothing yet.
type Tally struct {
	Anchor int // the account's, for its months

	sums    map[Counter]Amount
	counted map[answer]bool
}

// answer is what one reservation was settled for. A turn's id may be used again
// long after the turn is gone, and is another answer then.
type answer struct {
	reservation string
	at          int64 // in microseconds, as ledgers keep it
}

// Add counts a row; one that is not charged is left out.
func (t *Tally) Add(e *usage.Entry) {
	if !e.Charged {
		return
	}
	if t.sums == nil {
		t.sums, t.counted = map[Counter]Amount{}, map[answer]bool{}
	}
	used := usedBy(e)
	if of := (answer{e.Reservation, e.CountedAt.UnixMicro()}); e.Kind == usage.Answer && !t.counted[of] {
		t.counted[of] = true
		used.Messages = 1
	}
	day, month := Day.Around(e.CountedAt, t.Anchor), Month.Around(e.CountedAt, t.Anchor)
	for _, c := range SubjectsOf(e).Counters(day.Starts, month.Starts) {
		t.sums[c] = t.sums[c].Plus(used)
	}
}

// Sums are the counters and what was used of each.
func (t *Tally) Sums() map[Counter]Amount { return t.sums }
