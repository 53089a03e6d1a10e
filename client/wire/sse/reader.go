package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// DefaultLimit is the limit of a Reader that was given none: an 8 MiB line and
// room for what stands around it.
const DefaultLimit = 8<<20 + 64<<10

const (
	readSize  = 1 << 10 // of the input buffer, which never grows: a few deltas; the source below has one too
	keepBytes = 4 << 10 // an event buffer larger than this is let go after its event
)

// ErrCut is returned, together with the event, when the stream ends in good
// order but inside an event: its blank line, and perhaps the end of its last
// line, is missing. The standard discards such an event; some servers forget
// the last newlines, so the caller decides. The next call returns io.EOF.
//
// A connection that breaks is not this: its own error comes back, alone.
var ErrCut = fmt.Errorf("sse: the stream ended inside an event: %w", io.ErrUnexpectedEOF)

// LimitError says that an event held more bytes than the Reader allows. The
// Reader is of no use after it.
type LimitError struct{ Limit int }

func (e *LimitError) Error() string {
	return fmt.Sprintf("sse: an event is larger than %d bytes", e.Limit)
}

// Event is one event of a stream.
type Event struct {
	// Name is the event's type; empty means the standard's "message".
	Name string

	// Data is the data lines joined by LF, byte for byte as they came: it need
	// not be valid UTF-8. It is valid until the next call of Next.
	Data []byte

	// ID is the stream's last event id so far, whether or not this event set it.
	ID string

	// Retry is the reconnection time that the stream last asked for; zero if it
	// never did.
	Retry time.Duration

	// Comment marks a comment line; see Reader.Comments.
	Comment bool
}

// Reader takes a stream apart into events. It keeps one small input buffer and
// the bytes of the event in hand, so that thousands may be held at once. It
// works on its input as it comes: neither lines nor characters need to arrive
// whole. It is used by one goroutine.
type Reader struct {
	// Comments makes Next return each comment line too, as an Event with
	// Comment set and no data: a sign of life. It is set before the first Next.
	Comments bool

	src      io.Reader
	limit    int
	buf      []byte
	pos, end int
	err      error // of src, or our own: sticky

	at       place
	sawCR    bool // the last line ended in CR: an LF that follows belongs to it
	later    bool // past the first line, where a byte order mark may stand
	field    field
	label    [8]byte // the field's name: a byte order mark and five letters fit
	labelLen int     // len(label)+1: longer than any name we know
	value    []byte  // of the field in hand, unless that is data

	data      []byte
	hasData   bool
	delivered bool // data is the caller's until the next call
	named     bool
	name      string // the last name seen, kept for its memory
	id        string
	retry     time.Duration
}

// place is where in a line the next byte stands.
type place uint8

const (
	lineStart place = iota
	inLabel
	afterColon
	inValue
)

type field uint8

const (
	unknown field = iota
	comment
	dataField
	eventField
	idField
	retryField
)

// NewReader returns a Reader of r in which one event may hold limit bytes;
// zero means DefaultLimit.
func NewReader(r io.Reader, limit int) *Reader {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Reader{src: r, limit: limit}
}

// Next returns the next event. At the stream's end it returns io.EOF, or the
// unfinished event with ErrCut; otherwise a *LimitError or the source's own
// error. Blocks without data are no events, as in the standard.
func (r *Reader) Next() (Event, error) {
	r.forget()
	for {
		if r.pos == r.end {
			if err := r.fill(); err != nil {
				return r.atEnd(err)
			}
		}
		done, err := r.step()
		if err != nil {
			r.err, r.pos, r.end = err, 0, 0
			return Event{}, err
		}
		if done {
			return r.deliver()
		}
	}
}

// deliver returns the comment or event that step has just completed.
func (r *Reader) deliver() (Event, error) {
	if r.field == comment {
		return Event{ID: r.id, Retry: r.retry, Comment: true}, nil
	}
	return r.event(), nil
}

func (r *Reader) event() Event {
	ev := Event{Data: r.data, ID: r.id, Retry: r.retry}
	if r.named {
		ev.Name = r.name
	}
	r.delivered = true
	return ev
}

// forget clears the event that the last call delivered.
func (r *Reader) forget() {
	if !r.delivered {
		return
	}
	r.delivered = false
	r.clear()
	if cap(r.data) > keepBytes {
		r.data = nil
	}
	if cap(r.value) > keepBytes {
		r.value = nil
	}
}

func (r *Reader) clear() { r.data, r.hasData, r.named = r.data[:0], false, false }

// fill reads more input. It returns an error only when there is none.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	if r.buf == nil {
		r.buf = make([]byte, readSize)
	}
	for range 100 {
		n, err := r.src.Read(r.buf)
		r.pos, r.end, r.err = 0, n, err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.err = io.ErrNoProgress
	return r.err
}

// atEnd says what the end of the input means for the event in hand.
func (r *Reader) atEnd(err error) (Event, error) {
	if !errors.Is(err, io.EOF) || !r.hasData {
		return Event{}, err
	}
	r.hasData = false
	return r.event(), ErrCut
}

// step consumes a stretch of input. done says that it completed an event, or a
// comment line that is asked for.
func (r *Reader) step() (done bool, err error) {
	switch r.at {
	case lineStart:
		return r.startLine(), nil
	case inLabel:
		return r.readLabel()
	case afterColon:
		if r.buf[r.pos] == ' ' {
			r.pos++
		}
		r.at = inValue
		return false, nil
	default:
		return r.readValue()
	}
}

// startLine looks at a line's first byte; a blank line ends the event.
func (r *Reader) startLine() (done bool) {
	c, sawCR := r.buf[r.pos], r.sawCR
	r.sawCR = false
	switch {
	case c == '\n' && sawCR:
		r.pos++
	case c == '\n' || c == '\r':
		r.pos++
		r.sawCR, r.later = c == '\r', true
		return r.dispatch()
	default:
		r.at, r.labelLen = inLabel, 0
	}
	return false
}

// dispatch ends the event in hand; it is one only if it has data.
func (r *Reader) dispatch() bool {
	r.field = unknown
	if !r.hasData {
		r.clear()
	}
	return r.hasData
}

// readLabel consumes a field's name, up to its colon or the end of the line.
func (r *Reader) readLabel() (done bool, err error) {
	for r.pos < r.end {
		c := r.buf[r.pos]
		switch c {
		case ':':
			r.pos++
			r.at = afterColon
			return false, r.startField()
		case '\n', '\r':
			if r.onlyMark() {
				r.endLine()
				return r.dispatch(), nil
			}
			if err := r.startField(); err != nil {
				return false, err
			}
			return r.endLine(), nil
		}
		if r.labelLen < len(r.label) {
			r.label[r.labelLen] = c
		}
		r.labelLen = min(r.labelLen+1, len(r.label)+1)
		r.pos++
	}
	return false, nil
}

const byteOrderMark = "\ufeff"

// onlyMark reports whether the line is a byte order mark and nothing else.
func (r *Reader) onlyMark() bool {
	return !r.later && r.labelLen == len(byteOrderMark) && string(r.label[:r.labelLen]) == byteOrderMark
}

// startField knows the field by its name, now complete.
func (r *Reader) startField() error {
	r.field, r.value = unknown, r.value[:0]
	if r.labelLen > len(r.label) {
		return nil
	}
	label := r.label[:r.labelLen]
	if !r.later {
		label = bytes.TrimPrefix(label, []byte(byteOrderMark))
	}
	switch string(label) {
	case "data":
		r.field = dataField
		if r.hasData {
			return r.grow(&r.data, []byte{'\n'})
		}
		r.hasData = true
	case "event":
		r.field = eventField
	case "id":
		r.field = idField
	case "retry":
		r.field = retryField
	case "":
		r.field = comment
	}
	return nil
}

// readValue consumes a field's value, or as much of it as has arrived.
func (r *Reader) readValue() (done bool, err error) {
	chunk := r.buf[r.pos:r.end]
	n, whole := lineEnd(chunk)
	switch r.field {
	case unknown, comment: // dropped
	case dataField:
		err = r.grow(&r.data, chunk[:n])
	default:
		err = r.grow(&r.value, chunk[:n])
	}
	r.pos += n
	if err != nil || !whole {
		return false, err
	}
	return r.endLine(), nil
}

// lineEnd is the length of the line at the start of chunk, without its end, and
// whether its end is in chunk.
func lineEnd(chunk []byte) (n int, whole bool) {
	n = bytes.IndexByte(chunk, '\n')
	if whole = n >= 0; !whole {
		n = len(chunk)
	}
	if cr := bytes.IndexByte(chunk[:n], '\r'); cr >= 0 {
		return cr, true
	}
	return n, whole
}

// grow appends more to dst, within the limit of one event.
func (r *Reader) grow(dst *[]byte, more []byte) error {
	if len(r.data)+len(r.value)+len(more) > r.limit {
		return &LimitError{Limit: r.limit}
	}
	*dst = append(*dst, more...)
	return nil
}

// endLine consumes the first byte of the line's end and takes the field over.
// done says that the line was a comment that is asked for.
func (r *Reader) endLine() (done bool) {
	r.sawCR = r.buf[r.pos] == '\r'
	r.pos++
	r.at, r.later = lineStart, true
	switch r.field {
	case eventField:
		r.named = true
		if string(r.value) != r.name {
			r.name = string(r.value)
		}
	case idField:
		if bytes.IndexByte(r.value, 0) < 0 && string(r.value) != r.id {
			r.id = string(r.value)
		}
	case retryField:
		if ms, err := strconv.ParseUint(string(r.value), 10, 31); err == nil {
			r.retry = time.Duration(ms) * time.Millisecond
		}
	case comment:
		return r.Comments
	case unknown, dataField:
	}
	return false
}
