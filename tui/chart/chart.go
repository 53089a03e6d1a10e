package chart

import (
	"math/bits"
	"slices"
	"strings"
)

// Set is the characters that are drawn with.
type Set struct {
	right []string // a cell filled from the left, by eighths, the last is full
	up    []string // from below
	rest  string   // of a bar's track
	none  string   // in a sparkline: nothing
}

// Unicode draws with block elements, ASCII with what every terminal has.
func Unicode() Set {
	return Set{
		right: []string{"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
		up:    []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
		rest:  "░", none: "·",
	}
}

// ASCII is without eighths: a cell is drawn or not.
func ASCII() Set {
	return Set{right: []string{"#"}, up: []string{"#"}, rest: ".", none: "."}
}

// levels are what a sparkline is drawn with where a cell has no parts.
var levels = []string{"_", "-", "=", "+", "*", "%", "#", "@"}

// For is ASCII or Unicode.
func For(ascii bool) Set {
	if ascii {
		return ASCII()
	}
	return Unicode()
}

// Bar is n of most as a bar of at most width cells: only what is filled.
func (s Set) Bar(n, most int64, width int) string {
	parts := len(s.right)
	filled := scale(n, most, width*parts)
	bar := strings.Repeat(s.right[parts-1], filled/parts)
	if part := filled % parts; part > 0 {
		bar += s.right[part-1]
	}
	return bar
}

// Track is the rest of a bar's width, to be drawn faintly after it.
func (s Set) Track(n, most int64, width int) string {
	parts := len(s.right)
	return strings.Repeat(s.rest, max(width-(scale(n, most, width*parts)+parts-1)/parts, 0))
}

// Spark is a line of a cell for each number.
func (s Set) Spark(numbers []int64) string {
	glyphs := s.up
	if len(glyphs) == 1 {
		glyphs = levels
	}
	most := Most(numbers)
	var b strings.Builder
	for _, n := range numbers {
		if at := scale(n, most, len(glyphs)); at > 0 {
			b.WriteString(glyphs[at-1])
		} else {
			b.WriteString(s.none)
		}
	}
	return b.String()
}

// Columns are numbers as columns of a height and a width, gap cells apart: rows
// from the top, all equally wide.
func (s Set) Columns(numbers []int64, height, width, gap int) []string {
	most, parts := Most(numbers), len(s.up)
	rows := make([]string, height)
	for r := range rows {
		below := (height - 1 - r) * parts // what the rows below this one hold
		var b strings.Builder
		for i, n := range numbers {
			if i > 0 {
				b.WriteString(strings.Repeat(" ", gap))
			}
			cell := " "
			if in := scale(n, most, height*parts) - below; in > 0 {
				cell = s.up[min(in, parts)-1]
			}
			b.WriteString(strings.Repeat(cell, width))
		}
		rows[r] = b.String()
	}
	return rows
}

// Most is the largest of the numbers, and 0 at least.
func Most(numbers []int64) int64 {
	if len(numbers) == 0 {
		return 0
	}
	return max(slices.Max(numbers), 0)
}

// Fold sums numbers up in groups of equal size, so that there are at most n: for a
// line that has not room for all. size is how many are in a group; the last may
// have fewer.
func Fold(numbers []int64, n int) (folded []int64, size int) {
	size = max((len(numbers)+n-1)/max(n, 1), 1)
	for group := range slices.Chunk(numbers, size) {
		sum := int64(0)
		for _, x := range group {
			sum += x
		}
		folded = append(folded, sum)
	}
	return folded, size
}

// scale is n of most in whole steps, rounded to the nearest; at least one of
// anything, at most all.
func scale(n, most int64, steps int) int {
	if n <= 0 || most <= 0 || steps <= 0 {
		return 0
	}
	if n >= most {
		return steps
	}
	hi, lo := bits.Mul64(uint64(n), uint64(steps))
	lo, carry := bits.Add64(lo, uint64(most)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(most)) // n < most: it fits
	return min(max(int(q), 1), steps)
}
