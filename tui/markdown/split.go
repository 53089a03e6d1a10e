package markdown

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind says how a piece is rendered.
type Kind uint8

// The kinds.
const (
	Text  Kind = iota // Markdown
	Code              // a fenced code block at the margin, or a part of one
	Plain             // text shown as it is written
)

// Piece is a stretch of a document that is rendered by itself.
type Piece struct {
	// Source is the text, fences included. All sources together are the document.
	Source string
	Kind   Kind

	// Info is a code block's info string. First and Last say whether the block's
	// opening and closing fence are part of this piece.
	Info        string
	First, Last bool
	indent      int // of the opening fence

	// Joined says that no blank line stands between this piece and the one
	// before.
	Joined bool
}

// Bounds of what may stay open, in bytes. They are part of the layout: the same
// document is always cut at the same places, however it arrives.
const (
	listLimit  = 4 << 10  // a list is cut before an item beyond this
	codeLimit  = 8 << 10  // a code block is cut after a line beyond this
	plainLimit = 16 << 10 // a construct larger than this is shown as source
	lineLimit  = 16 << 10 // a line is taken to end here
)

// Splitter cuts a document that arrives in deltas. The zero value is ready; it is
// not safe for concurrent use.
type Splitter struct {
	open  string // what is not cut yet
	seen  int    // how much of open has been looked at: whole lines
	piece Piece  // what is known of the open piece, but its Source

	content bool // open holds a line that is not blank
	blank   bool // the last line seen was blank

	fence    byte // of the open code block; 0: none
	fenceLen int

	list     int // column where the outermost list item's content begins; 0: no list
	ordinal  int // number of the outermost item; -1: a bullet
	indented bool
	broken   bool // inside a line that was taken to end early
}

// Write adds text and returns the pieces that it finished.
func (s *Splitter) Write(text string) []Piece {
	s.open += text
	var done []Piece
	for {
		line, ok := s.nextLine()
		if !ok {
			return done
		}
		done = s.line(done, line)
	}
}

// Tail is what is still open; its Source is empty where nothing is.
func (s *Splitter) Tail() Piece {
	p := s.piece
	p.Source = s.open
	return p
}

// Close ends the document and returns what was open.
func (s *Splitter) Close() []Piece {
	var done []Piece
	if rest := s.open[s.seen:]; rest != "" {
		done = s.line(done, rest)
	}
	if s.open != "" {
		done = s.cut(done, len(s.open), Piece{})
	}
	return done
}

// nextLine returns the next line that has all arrived, its end included.
func (s *Splitter) nextLine() (string, bool) {
	rest := s.open[s.seen:]
	if i := strings.IndexByte(rest[:min(len(rest), lineLimit)], '\n'); i >= 0 {
		return rest[:i+1], true
	}
	if len(rest) < lineLimit+utf8.UTFMax {
		return "", false
	}
	n := lineLimit
	for n > lineLimit-utf8.UTFMax && !utf8.RuneStart(rest[n]) {
		n--
	}
	return rest[:n], true
}

// cut ends the open piece at an offset; next describes what begins there.
func (s *Splitter) cut(done []Piece, at int, next Piece) []Piece {
	if at > 0 {
		p := s.piece
		p.Source = s.open[:at]
		done = append(done, p)
	}
	s.open, s.seen = s.open[at:], max(s.seen-at, 0)
	s.piece = next
	s.content, s.blank, s.list, s.indented = false, false, 0, false
	return done
}

// line looks at one line, which stands at s.seen.
func (s *Splitter) line(done []Piece, line string) []Piece {
	continued := s.broken
	s.broken = !strings.HasSuffix(line, "\n")
	switch {
	case s.fence != 0:
		return s.codeLine(done, line, continued)
	case continued || s.piece.Kind == Plain:
		return s.plainLine(done, line)
	}
	return s.textLine(done, line)
}

// codeLine is a line of the open code block.
func (s *Splitter) codeLine(done []Piece, line string, continued bool) []Piece {
	s.seen += len(line)
	if !continued && closesFence(line, s.fence, s.fenceLen) {
		s.fence = 0
		s.piece.Last = true
		return s.cut(done, s.seen, Piece{})
	}
	if s.seen >= codeLimit {
		next := Piece{Kind: Code, Info: s.piece.Info, indent: s.piece.indent, Joined: true}
		return s.cut(done, s.seen, next)
	}
	return done
}

// plainLine is a line of a construct that has grown too large.
func (s *Splitter) plainLine(done []Piece, line string) []Piece {
	s.seen += len(line)
	s.piece.Kind = Plain
	if isBlank(line) {
		return s.cut(done, s.seen, Piece{})
	}
	if s.seen >= listLimit {
		return s.cut(done, s.seen, Piece{Kind: Plain, Joined: true})
	}
	return done
}

// textLine is a line of anything else.
func (s *Splitter) textLine(done []Piece, line string) []Piece {
	if isBlank(line) {
		s.seen += len(line)
		s.blank = true
		if s.content && s.list == 0 && !s.indented {
			return s.cut(done, s.seen, Piece{})
		}
		return done
	}
	done = s.before(done, line)
	s.seen += len(line)
	if s.fence == 0 {
		s.note(line)
	}
	s.content, s.blank = true, false
	if s.fence == 0 && s.seen >= plainLimit {
		s.piece.Kind = Plain
		return s.cut(done, s.seen, Piece{Kind: Plain, Joined: true})
	}
	return done
}

// before cuts in front of a line that begins something new.
func (s *Splitter) before(done []Piece, line string) []Piece {
	in := indent(line)
	inside := s.list > 0 && in >= s.list
	if char, n, info, ok := opensFence(line); ok && !inside && !(s.indented && in >= 4) {
		done = s.cut(done, s.seen, Piece{Kind: Code, Info: info, First: true, indent: in})
		s.fence, s.fenceLen = char, n
		return done
	}
	if s.list > 0 && !inside {
		_, number, item := listItem(line)
		switch {
		case !item && s.blank:
			return s.cut(done, s.seen, Piece{})
		case item && s.seen >= listLimit && s.follows(number):
			return s.cut(done, s.seen, Piece{Joined: true})
		}
	}
	if s.indented && s.blank && in < 4 {
		return s.cut(done, s.seen, Piece{})
	}
	return done
}

// follows reports whether an item can begin a list of its own and still have the
// number that it has now: the next one, or a bullet after a bullet.
func (s *Splitter) follows(number int) bool {
	if number < 0 || s.ordinal < 0 {
		return number < 0 && s.ordinal < 0
	}
	return number == s.ordinal+1
}

// note remembers what a line of text opens.
func (s *Splitter) note(line string) {
	in := indent(line)
	if s.list > 0 && in >= s.list {
		return
	}
	column, number, item := listItem(line)
	switch {
	case item && in < 4:
		s.list, s.ordinal = column, number
	case !s.content && in >= 4:
		s.indented = true
	case in < 4:
		s.indented = false
	}
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// indent is the column of a line's first character that is no space; a tab goes to
// the next multiple of four (CommonMark 2.2).
func indent(line string) int {
	col := 0
	for i := range len(line) {
		switch line[i] {
		case ' ':
			col++
		case '\t':
			col += 4 - col%4
		default:
			return col
		}
	}
	return col
}

// opensFence reads the opening of a fenced code block (CommonMark 4.5).
func opensFence(line string) (char byte, n int, info string, ok bool) {
	if indent(line) > 3 {
		return 0, 0, "", false
	}
	t := strings.TrimSpace(line)
	if len(t) < 3 || t[0] != '`' && t[0] != '~' {
		return 0, 0, "", false
	}
	n = run(t)
	info = strings.TrimSpace(t[n:])
	if n < 3 || t[0] == '`' && strings.Contains(info, "`") {
		return 0, 0, "", false
	}
	return t[0], n, info, true
}

func closesFence(line string, char byte, atLeast int) bool {
	if indent(line) > 3 {
		return false
	}
	t := strings.TrimSpace(line)
	return t != "" && t[0] == char && run(t) >= atLeast && run(t) == len(t)
}

// run is how often a string's first byte is repeated at its start.
func run(t string) int { return len(t) - len(strings.TrimLeft(t, t[:1])) }

// listItem reads a list marker (CommonMark 5.2): the column where its content
// begins and its number, -1 for a bullet.
func listItem(line string) (column, number int, ok bool) {
	in := indent(line)
	t := strings.TrimLeft(line, " \t")
	marker := markerLen(t)
	if marker == 0 {
		return 0, 0, false
	}
	number = -1
	if marker > 1 {
		number, _ = strconv.Atoi(t[:marker-1]) // digits, nine at most
	}
	rest := strings.TrimRight(t[marker:], "\r\n")
	if rest == "" {
		return in + marker + 1, number, true
	}
	if rest[0] != ' ' && rest[0] != '\t' || isRule(t) {
		return 0, 0, false
	}
	gap := indent(strings.Repeat(" ", in+marker)+rest) - in - marker
	if gap > 4 {
		gap = 1 // the content is indented code, or blank
	}
	return in + marker + gap, number, true
}

// markerLen is the length of the list marker t begins with; 0: none.
func markerLen(t string) int {
	if strings.ContainsRune("-*+", rune(t[0])) {
		return 1
	}
	digits := 0
	for digits < len(t) && digits < 10 && t[digits] >= '0' && t[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits == 10 || digits >= len(t) || t[digits] != '.' && t[digits] != ')' {
		return 0
	}
	return digits + 1
}

// isRule reports a thematic break (CommonMark 4.1).
func isRule(t string) bool {
	marks := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(t)
	return len(marks) >= 3 && (marks[0] == '-' || marks[0] == '*') && run(marks) == len(marks)
}
