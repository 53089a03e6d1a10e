package store

import (
	"slices"
	"testing"
)

func TestNameless(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		query, text string
		order       []int
	}{
		{"SELECT 1", "SELECT 1", nil},
		{"SELECT $1, $2", "SELECT ?, ?", nil},
		{"SELECT $2, $1, $2", "SELECT ?, ?, ?", []int{1, 0, 1}},
		{"SELECT $10 + $1", "SELECT ? + ?", []int{9, 0}},
		{"SELECT $1 WHERE x = 'it''s $2' AND y = $2", "SELECT ? WHERE x = 'it''s $2' AND y = ?", nil},
		{"SELECT '$1', $1, '$'", "SELECT '$1', ?, '$'", nil},
		{"SELECT $x", "SELECT $x", nil},
	} {
		text, order := nameless(tc.query)
		if text != tc.text || !slices.Equal(order, tc.order) {
			t.Errorf("%s: %s, %v", tc.query, text, order)
		}
	}
	p := parsed{order: []int{1, 0, 1}}
	if got := p.arguments([]any{"a", "b"}); !slices.Equal(got, []any{"b", "a", "b"}) {
		t.Errorf("%v", got)
	}
	if got := p.arguments([]any{"a"}); len(got) != 0 {
		t.Errorf("too few: %v", got)
	}
}
