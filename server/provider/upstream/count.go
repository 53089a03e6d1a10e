package upstream

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// absurd stands for a count too large to be true; provider.Usage.Credible notices
// it, and sums of a few do not overflow. hopeless makes any such sum negative.
const (
	absurd   = 1 << 56
	hopeless = -1 << 60
)

// Count is a number of tokens as vendors send it. It decodes any JSON, so that a
// nonsensical usage costs nobody the answer: a number that no int64 holds becomes
// absurdly large or small, for provider.Usage.Credible to notice, and what is no
// number at all (null, and words) is none: it leaves the count as it was.
type Count int64

// UnmarshalJSON implements json.Unmarshaler; it does not fail.
func (c *Count) UnmarshalJSON(b []byte) error {
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		*c = Count(min(max(n, -absurd), absurd))
		return nil
	}
	f, err := strconv.ParseFloat(string(b), 64) // infinite, where it is out of range
	if err == nil || errors.Is(err, strconv.ErrRange) {
		*c = Count(math.Trunc(min(max(f, -absurd), absurd)))
	}
	return nil
}

// Apart is the count where a vendor reports it beside others, with which it makes
// up the whole: a negative one leaves the whole unknown, and takes it with it.
func (c Count) Apart() int64 {
	if c < 0 {
		return hopeless
	}
	return int64(c)
}

// Lenient decodes as encoding/json does, but that it passes over what is of another
// shape than it should be: for usage, which is not worth an answer.
func Lenient(b []byte, into any) error {
	err := json.Unmarshal(b, into)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// Scan reads the count where it is a plain integer, and fails at the rest, which
// is for UnmarshalJSON.
func (c *Count) Scan(s *jsonscan.Scanner) {
	n := int(*c)
	s.Int(&n)
	*c = min(max(Count(n), -absurd), absurd)
}
