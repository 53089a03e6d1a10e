package main

import (
	"strings"
	"testing"
)

func TestMetric(t *testing.T) {
	t.Parallel()
	const out = `goos: linux
BenchmarkStream/20kB-2         	     100	     12345 ns/op	         6.700 µs/delta
BenchmarkStream/200kB-2        	      10	   9912345 ns/op	         9.100 µs/delta
BenchmarkList                  	      10	       500 ns/op
PASS
`
	for _, tc := range []struct {
		name, unit string
		want       float64
	}{
		{"Stream/20kB", "ns/op", 12345},
		{"Stream/200kB", "µs/delta", 9.1},
		{"List", "ns/op", 500},
	} {
		if got, err := metric([]byte(out), tc.name, tc.unit); err != nil || got != tc.want {
			t.Errorf("metric(%q, %q) = %v, %v", tc.name, tc.unit, got, err)
		}
	}
	if _, err := metric([]byte(out), "Search", "ns/op"); err == nil {
		t.Error("a figure was found where none is")
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	if got := pattern("Stream/200kB"); got != "^BenchmarkStream$/^200kB$" {
		t.Errorf("pattern = %q", got)
	}
}

func TestTableSaysWhatIsMissed(t *testing.T) {
	t.Parallel()
	figures := []figure{{"quick", 1, 2, "ms"}, {"slow", 3, 2, "ms"}}
	var out strings.Builder
	if err := table(&out, figures); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "MISSED"); n != 1 || missed(figures) != 1 {
		t.Errorf("%d lines and %d figures are missed:\n%s", n, missed(figures), out.String())
	}
}
