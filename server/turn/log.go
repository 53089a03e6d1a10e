package turn

import "sort"

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
type Log struct {
	text []byte
	runs []Run
}

// Len is the position of the log's end.
func (l *Log) Len() int64 { return int64(len(l.text)) }

// Append adds text to the log, extending the last run where it is of the same
// kind, part and meta.
func (l *Log) Append(kind RunKind, part int, meta, text string) {
	l.text = append(l.text, text...)
	end := int64(len(l.text))
	if n := len(l.runs); n > 0 {
		last := &l.runs[n-1]
		if last.Kind == kind && last.Part == part && (meta == "" || last.Meta == meta) {
			last.End = end
			return
		}
	}
	l.runs = append(l.runs, Run{Kind: kind, Part: part, End: end, Meta: meta})
}

// Since returns the text and the runs from position from on; the first run may
// be the rest of one. The runs are appended to into[:0], so that a caller may
// use one slice again and again. A position beyond the end gives nothing.
func (l *Log) Since(from int64, into []Run) ([]byte, []Run) {
	return Slice(l.text, l.runs, 0, from, into)
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
