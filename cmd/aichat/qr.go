package main

import (
	"strings"

	"rsc.io/qr"
)

// margin is the light border around a QR code, in modules. The standard's four
// would not fit a terminal of 24 lines; readers need less.
const margin = 2

// qrCode draws an address for a telephone's camera, two modules to a character.
// Where it cannot be drawn, it says why, as a sentence's end.
func (p *program) qrCode(s *screen, address string) (picture, why string) {
	switch {
	case !s.out.terminal:
		return "", "this is no terminal"
	case !p.env.unicode() || p.style.dumb:
		return "", "this terminal cannot draw one"
	}
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		return "", "the address is too long"
	}
	if s.out.width() < code.Size+2*margin {
		return "", "the terminal is too narrow"
	}
	return halfBlocks(code.Size, code.Black), ""
}

// halfBlocks draws dark on light, whatever the terminal's own colours are:
// readers expect it so.
func halfBlocks(size int, dark func(x, y int) bool) string {
	var b strings.Builder
	for y := -margin; y < size+margin; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -margin; x < size+margin; x++ {
			b.WriteString(block(dark(x, y), dark(x, y+1)))
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

// block is a character whose upper and lower half are dark or not.
func block(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
