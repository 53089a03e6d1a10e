package turn

import (
	"slices"
	"sort"
	"strings"
)

// RunKind says what a run of the log's bytes is.
type RunKind uint8

// The kinds of run. The values are stored.
const (
	RunText      RunKind = 1
	RunReasoning RunKind = 2
	RunToolCall  RunKind = 3 // arguments; Meta is the call's id and name as JSON
	RunOpaque    RunKind = 4 // sealed bytes of the part, in hexadecimal (pieces of it can be joined); Meta is the provider
)

// Run describes the bytes of a log from where the previous run ends to End.
type Run struct {
	Kind RunKind `json:"k"`
	Part int     `json:"p"`
	End  int64   `json:"e"` // position in the whole log, exclusive
	Meta string  `json:"m,omitempty"`
}

// Log is what a turn has produced: one growing text and the runs that say what
// its bytes are. A position in it, counted in bytes, is a turn's event id: it
// means the same for every client, however deltas were batched on their way,
// and for the chunks in the store.
//
// The zero Log is empty. It is not safe for concurrent use; what has been
// appended never changes, so a slice taken under a lock may be read after it.
//
// The text is kept in segments that are never moved: thousands of logs grow at
// once, and one slice for each would be copied, and leave twice its size behind
// for the garbage collector. A segment ends where something that was appended
// ends, so that what is cut there is cut between characters.
type Log struct {
	full []segment // before last
	last segment
	runs []Run
}

// segment is the text from position from on.
type segment struct {
	from int64
	text []byte
}

func (s segment) end() int64 { return s.from + int64(len(s.text)) }

// Sizes of segments: a quarter of what there is already, within these. What the
// last one has room for is held without need, in each of thousands of logs.
const (
	smallSegment = 512
	largeSegment = 4 << 10
)

// piece is how much a reader that is behind gets at once, or a segment more.
const piece = 32 << 10

// Len is the position of the log's end.
func (l *Log) Len() int64 { return l.last.end() }

// Append adds text to the log, extending the last run where it is of the same
// kind, part and meta.
func (l *Log) Append(kind RunKind, part int, meta, text string) {
	l.add(text)
	end := l.Len()
	if n := len(l.runs); n > 0 {
		last := &l.runs[n-1]
		if last.Kind == kind && last.Part == part && (meta == "" || last.Meta == meta) {
			last.End = end
			return
		}
	}
	l.runs = append(l.runs, Run{Kind: kind, Part: part, End: end, Meta: meta})
}

// add appends to the text.
func (l *Log) add(text string) {
	if len(text) > cap(l.last.text)-len(l.last.text) {
		end := l.Len()
		if len(l.last.text) > 0 {
			l.full = append(l.full, l.last)
		}
		size := min(max(end/4, smallSegment), largeSegment)
		l.last = segment{end, make([]byte, 0, max(int(size), len(text)))}
	}
	l.last.text = append(l.last.text, text...)
}

// Since returns the text and the runs from position from on; the first run may
// be the rest of one. The runs are appended to into[:0], so that a caller may
// use one slice again and again. A position beyond the end gives nothing.
func (l *Log) Since(from int64, into []Run) ([]byte, []Run) {
	if from >= l.last.from {
		return Slice(l.last.text, l.runs, l.last.from, from, into)
	}
	from = max(from, 0)
	text := l.copy(from, l.Len())
	return Slice(text, l.runs, from, from, into)
}

// Next is Since for a reader that comes back for the rest: it returns one
// segment's rest as it is, or a copy of several, of bounded length.
func (l *Log) Next(from int64, into []Run) (text []byte, runs []Run) {
	if from >= l.last.from {
		return Slice(l.last.text, l.runs, l.last.from, from, into)
	}
	from = max(from, 0)
	to := l.Len()
	for _, s := range l.full[l.holds(from):] {
		if s.end()-from >= piece {
			to = s.end()
			break
		}
	}
	text, runs = Slice(l.copy(from, to), l.runs, from, from, into)
	return text, clip(runs, to)
}

// clip ends runs at a position.
func clip(runs []Run, to int64) []Run {
	for i := range runs {
		if runs[i].End >= to {
			runs[i].End = to
			return runs[:i+1]
		}
	}
	return runs
}

// holds is the index of the full segment that holds the byte at position from.
func (l *Log) holds(from int64) int {
	return sort.Search(len(l.full), func(i int) bool { return l.full[i].end() > from })
}

// copy is the text between two positions, each in a segment or at its border.
func (l *Log) copy(from, to int64) []byte {
	out := make([]byte, 0, to-from)
	for _, s := range l.full[l.holds(from):] {
		if s.from >= to {
			return out
		}
		out = append(out, s.text[max(from-s.from, 0):]...)
	}
	if to > l.last.from {
		out = append(out, l.last.text[max(from-l.last.from, 0):]...)
	}
	return out
}

// Whole is a copy of all text and runs.
func (l *Log) Whole() (string, []Run) {
	var all strings.Builder
	all.Grow(int(l.Len()))
	for _, s := range l.full {
		all.Write(s.text)
	}
	all.Write(l.last.text)
	return all.String(), slices.Clone(l.runs)
}

// Slice cuts the piece from position from on out of text and runs that begin at
// position base. The runs are appended to into[:0].
func Slice(text []byte, runs []Run, base, from int64, into []Run) ([]byte, []Run) {
	from = max(from, base)
	if from >= base+int64(len(text)) {
		return nil, into[:0]
	}
	first := sort.Search(len(runs), func(i int) bool { return runs[i].End > from })
	return text[from-base:], append(into[:0], runs[first:]...)
}
