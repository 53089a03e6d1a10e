package store

import (
	"slices"
	"strconv"
	"strings"
)

// batchLimit is the most rows of one statement. It is low for SQLite's sake,
// which looks for each numbered parameter among all others: with thousands that
// takes longer than all the rest.
const batchLimit = 64

// batches cuts rows into pieces whose lengths are powers of two, so that a
// statement of many rows has a handful of texts and not one for each length:
// the databases keep prepared what they have seen.
func batches[T any](rows []T, do func([]T) error) error {
	for size := batchLimit; len(rows) > 0; size /= 2 {
		for len(rows) >= size {
			if err := do(rows[:size]); err != nil {
				return err
			}
			rows = rows[size:]
		}
	}
	return nil
}

func placeholder(n int) string { return "$" + strconv.Itoa(n) }

// tuples is "($a, $b), ($c, $d)": rows of width placeholders, numbered from
// first on.
func tuples(first, rows, width int) string {
	var b strings.Builder
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for column := range width {
			if column > 0 {
				b.WriteString(", ")
			}
			b.WriteString(placeholder(first + row*width + column))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// list is "$a, $b": n placeholders, numbered from first on.
func list(first, n int) string {
	return strings.Trim(tuples(first, 1, n), "()")
}

// among is a list of some values, numbered behind those that stand there already,
// and all of them.
func among[T any](some []T, there ...any) (placeholders string, values []any) {
	values = slices.Clip(there)
	for _, v := range some {
		values = append(values, v)
	}
	return list(len(there)+1, len(some)), values
}

// optional is a parameter that is NULL where p is nil.
func optional[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
