package main

import (
	"fmt"
	"strconv"
	"strings"
)

// style is how text looks. A colour is what SVG calls it; empty: the terminal's
// own.
type style struct {
	ink, paper                                           string
	bold, faint, italic, underline, struck, interchanged bool
}

// apply is the style after a sequence with those parameters (ECMA-48, SGR).
func (s style) apply(params string) style {
	fields := strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ':' })
	if len(fields) == 0 {
		return style{}
	}
	codes := make([]int, len(fields))
	for i, f := range fields {
		codes[i], _ = strconv.Atoi(f) // what is no number is 0, as in a terminal
	}
	for len(codes) > 0 {
		s, codes = s.one(codes)
	}
	return s
}

// one applies the first code and returns those that follow what it needs.
func (s style) one(codes []int) (style, []int) {
	code, rest := codes[0], codes[1:]
	switch {
	case code == 0:
		return style{}, rest
	case code == 38:
		s.ink, rest = colour(rest)
	case code == 48:
		s.paper, rest = colour(rest)
	case code >= 30 && code <= 37:
		s.ink = palette(code - 30)
	case code == 39:
		s.ink = ""
	case code >= 40 && code <= 47:
		s.paper = palette(code - 40)
	case code == 49:
		s.paper = ""
	case code >= 90 && code <= 97:
		s.ink = palette(code - 90 + 8)
	case code >= 100 && code <= 107:
		s.paper = palette(code - 100 + 8)
	default:
		s = s.attribute(code)
	}
	return s, rest
}

func (s style) attribute(code int) style {
	switch code {
	case 1:
		s.bold = true
	case 2:
		s.faint = true
	case 3:
		s.italic = true
	case 4:
		s.underline = true
	case 7:
		s.interchanged = true
	case 9:
		s.struck = true
	case 22:
		s.bold, s.faint = false, false
	case 23:
		s.italic = false
	case 24:
		s.underline = false
	case 27:
		s.interchanged = false
	case 29:
		s.struck = false
	}
	return s
}

// colour reads 5;N or 2;R;G;B.
func colour(codes []int) (string, []int) {
	switch {
	case len(codes) >= 2 && codes[0] == 5:
		return palette(codes[1]), codes[2:]
	case len(codes) >= 4 && codes[0] == 2:
		return fmt.Sprintf("#%02x%02x%02x", codes[1]&0xff, codes[2]&0xff, codes[3]&0xff), codes[4:]
	}
	return "", nil
}

var sixteen = [16]string{
	"#1d1f21", "#cc6666", "#a5c261", "#e6c07b", "#6d9cbe", "#b294bb", "#8abeb7", "#c5c8c6",
	"#707880", "#e88388", "#b9ca4a", "#f0c674", "#81a2be", "#c397d8", "#70c0b1", "#eaeaea",
}

// palette is a colour of the 256: sixteen named ones, a cube, and greys.
func palette(n int) string {
	switch {
	case n < 0 || n > 255:
		return ""
	case n < 16:
		return sixteen[n]
	case n < 232:
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	grey := 8 + 10*(n-232)
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}

func level(step int) int {
	if step == 0 {
		return 0
	}
	return 55 + 40*step
}
