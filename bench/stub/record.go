package stub

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// RecordMin is the least size of a record: a time, a number and their spaces.
const RecordMin = 28

// Record is one delta's text in a Stamps answer: when it was sent and which one
// it is, in characters that no encoding escapes, padded to a fixed size. Text
// that arrives in other pieces than it left in can still be told apart.
type Record struct {
	Sent   time.Time
	Number int
}

// Append appends the record, size bytes long, to b.
func (r Record) Append(b []byte, size int) []byte {
	from := len(b)
	b = fmt.Appendf(b, "%019d %06d ", r.Sent.UnixNano(), r.Number)
	for len(b) < from+size-1 {
		b = append(b, 'x')
	}
	return append(b, ' ')
}

// ParseRecord reads what Append wrote.
func ParseRecord(b []byte) (Record, error) {
	if len(b) < RecordMin || b[19] != ' ' || b[26] != ' ' || !bytes.HasSuffix(b, []byte{' '}) {
		return Record{}, fmt.Errorf("stub: %q is not a record", b)
	}
	sent, err := strconv.ParseInt(string(b[:19]), 10, 64)
	if err != nil {
		return Record{}, fmt.Errorf("stub: %q is not a record", b)
	}
	number, err := strconv.Atoi(string(b[20:26]))
	if err != nil {
		return Record{}, fmt.Errorf("stub: %q is not a record", b)
	}
	return Record{Sent: time.Unix(0, sent), Number: number}, nil
}
