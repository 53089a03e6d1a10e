package jsonscan

import "strconv"

// Null reads a null if that is what comes next, and reports whether it was.
func (s *Scanner) Null() bool {
	if s.peek() != 'n' {
		return false
	}
	return s.word("null")
}

// Bool reads true or false.
func (s *Scanner) Bool(to *bool) {
	switch s.peek() {
	case 't':
		if s.word("true") {
			*to = true
		}
	case 'f':
		if s.word("false") {
			*to = false
		}
	default:
		s.missing()
	}
}

// Int reads an integer. A number with a fraction or an exponent, or one that no
// int holds, fails the Scanner.
func (s *Scanner) Int(to *int) {
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		s.missing()
		return
	}
	n, err := strconv.Atoi(string(s.number()))
	if err != nil {
		s.Fail()
		return
	}
	*to = n
}

// Skip reads a value of any kind.
func (s *Scanner) Skip() {
	switch s.peek() {
	case '{':
		for s.Object(); s.Member(); {
			s.Skip()
		}
	case '[':
		for s.Array(); s.Element(); {
			s.Skip()
		}
	case '"':
		s.skipText()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
	}
}

// missing reads the null that may stand for any value; nothing else may.
func (s *Scanner) missing() {
	if !s.Null() {
		s.Fail()
	}
}

// word reads a literal name. What stands right behind it is the next reader's
// to refuse.
func (s *Scanner) word(name string) bool {
	end := s.pos + len(name)
	if end > len(s.data) || string(s.data[s.pos:end]) != name {
		s.Fail()
		return false
	}
	s.pos = end
	return true
}

// number reads a number (RFC 8259, section 6) and returns it as it stands.
func (s *Scanner) number() []byte {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else {
		s.digits()
	}
	if s.at('.') {
		s.pos++
		s.digits()
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		s.digits()
	}
	if !s.ok {
		return nil
	}
	return s.data[start:s.pos]
}

// at reports whether c is the next byte.
func (s *Scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

// digits reads at least one digit.
func (s *Scanner) digits() {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		s.Fail()
	}
}
