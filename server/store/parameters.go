package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// parsed is a query kept parsed by SQLite.
//
// Its parameters are nameless. SQLite takes $1 for a name, and the driver asks for
// the name of each parameter whenever it binds one: with the hundred of a bulk
// insertion that takes as long as the insertion. So each place of a parameter is
// one of its own, and order says which argument it takes; nil: they are in order.
type parsed struct {
	stmt  *sql.Stmt
	order []int
}

// parser is what parses a query: a pool, or a connection.
type parser interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func parse(ctx context.Context, by parser, query string) (*parsed, error) {
	text, order := nameless(query)
	stmt, err := by.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &parsed{stmt, order}, nil
}

// arguments are args, one for each place.
func (p *parsed) arguments(args []any) []any {
	if p.order == nil {
		return args
	}
	placed := make([]any, len(p.order))
	for i, n := range p.order {
		if n >= len(args) {
			return nil // too few: SQLite says so
		}
		placed[i] = args[n]
	}
	return placed
}

// nameless puts a ? in place of each $n, and tells which arguments they take,
// counted from 0. Text in quotes is left alone.
func nameless(query string) (string, []int) {
	var text strings.Builder
	order, sorted, quoted := []int{}, true, false
	for rest := query; rest != ""; {
		at := strings.IndexAny(rest, "'$")
		if at < 0 {
			text.WriteString(rest)
			break
		}
		text.WriteString(rest[:at])
		mark := rest[at]
		rest = rest[at+1:]
		digits := 0
		for mark == '$' && !quoted && digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 {
			quoted = quoted != (mark == '\'')
			text.WriteByte(mark)
			continue
		}
		n, _ := strconv.Atoi(rest[:digits]) // digits
		sorted = sorted && n == len(order)+1
		order = append(order, n-1)
		text.WriteByte('?')
		rest = rest[digits:]
	}
	if sorted {
		order = nil
	}
	return text.String(), order
}
