package upstream

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// absurd stands for a count too large to be true; provider.Usage.Clamp notices
// it, and sums of a few do not overflow.
const absurd = 1 << 56

// Count is a number of tokens as vendors send it. It decodes any JSON number,
// null, and numbers no int64 holds, so that a nonsensical usage costs nobody the
// answer: what is out of range becomes absurdly large or small, for
// provider.Usage.Clamp to notice. What is no number at all counts as absurd too.
type Count int64

// UnmarshalJSON implements json.Unmarshaler; it does not fail.
func (c *Count) UnmarshalJSON(b []byte) error {
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		*c = Count(min(max(n, -absurd), absurd))
		return nil
	}
	var f *float64
	if err := json.Unmarshal(b, &f); err != nil {
		*c = absurd
		if len(b) > 0 && b[0] == '-' {
			*c = -absurd
		}
		return nil // see the type: nonsense is passed on as such
	}
	if f != nil {
		*c = Count(math.Trunc(min(max(*f, -absurd), absurd)))
	}
	return nil
}

// Scan reads the count where it is a plain integer, and fails at the rest, which
// is for UnmarshalJSON.
func (c *Count) Scan(s *jsonscan.Scanner) {
	n := int(*c)
	s.Int(&n)
	*c = min(max(Count(n), -absurd), absurd)
}
