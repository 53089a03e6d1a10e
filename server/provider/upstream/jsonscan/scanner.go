package jsonscan

// maxDepth is how deep values may nest, as in encoding/json.
const maxDepth = 10000

// keepScratch is the largest scratch space that outlives its value.
const keepScratch = 4 << 10

// Scanner reads one value from front to back. Each method that reads a value
// must stand where a value is expected; null counts as absent: it is read, and
// what it would have gone to stays as it is. The first thing that is malformed,
// or not of the kind asked for, fails the Scanner for good: all its methods
// then do nothing, loops end, and Whole returns false.
//
// An object is read by
//
//	for s.Object(); s.Member(); {
//		switch string(s.Key()) {
//		case "name":
//			s.String(&name)
//		default:
//			s.Skip()
//		}
//	}
//
// and an array by Array and Element likewise. Loops run to their end, and each
// round reads one value.
//
// The zero Scanner is failed; Reset makes it ready. It is used by one goroutine.
type Scanner struct {
	data    []byte
	pos     int
	depth   int
	entry   entry
	ok      bool
	key     []byte
	scratch []byte // of the last string that did not stand in data as it is
}

// entry is what Object or Array found, until the first Member or Element.
type entry uint8

const (
	passed entry = iota // the first Member or Element has been asked for
	opened
	absent // null
)

// Reset makes the Scanner ready to read the value in data, which must not
// change until it is read.
func (s *Scanner) Reset(data []byte) {
	scratch := s.scratch
	if cap(scratch) > keepScratch {
		scratch = nil
	}
	*s = Scanner{data: data, scratch: scratch, ok: true}
}

// Fail fails the Scanner: the value is not what its reader wants.
func (s *Scanner) Fail() { s.pos, s.ok = len(s.data), false }

// Whole reports whether all went well and nothing but white space is left.
func (s *Scanner) Whole() bool {
	s.peek()
	return s.ok && s.depth == 0 && s.pos == len(s.data)
}

// peek skips white space and returns the byte that follows, zero at the end.
func (s *Scanner) peek() byte {
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		s.pos++
	}
	return 0
}

// Object enters an object.
func (s *Scanner) Object() { s.enter('{') }

// Array enters an array.
func (s *Scanner) Array() { s.enter('[') }

func (s *Scanner) enter(bracket byte) {
	switch s.peek() {
	case bracket:
		s.pos++
		s.depth++
		s.entry = opened
		if s.depth > maxDepth {
			s.Fail()
		}
	case 'n':
		s.word("null")
		s.entry = absent
	default:
		s.Fail()
	}
}

// Member moves on to the object's next member and reads its key. It returns
// false once there is none, and the object has been left.
func (s *Scanner) Member() bool {
	if !s.more('}') {
		return false
	}
	if s.peek() != '"' {
		s.Fail()
		return false
	}
	s.key = s.text()
	if s.peek() != ':' {
		s.Fail()
		return false
	}
	s.pos++
	return true
}

// Key is the key of the member that Member has moved to. It is valid until
// anything else is read.
func (s *Scanner) Key() []byte { return s.key }

// Element moves on to the array's next element. It returns false once there is
// none, and the array has been left.
func (s *Scanner) Element() bool { return s.more(']') }

// more reads what stands between two members or elements, or behind the last.
func (s *Scanner) more(bracket byte) bool {
	entry := s.entry
	s.entry = passed
	if entry == absent {
		return false
	}
	switch c := s.peek(); {
	case !s.ok:
		return false
	case c == bracket:
		s.pos++
		s.depth--
		return false
	case entry == opened:
		return true
	case c == ',':
		s.pos++
		return true
	}
	s.Fail()
	return false
}
