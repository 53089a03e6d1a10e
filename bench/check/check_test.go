package main

import (
	"encoding/json"
	"fmt"
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

// The commands' bounds grow with curl's time, and never fall below what is stated.
func TestBoundsOfCommands(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ curl, version, ask float64 }{
		{2, 15, 20}, {5.5, 15, 20}, {11, 30, 40},
	} {
		var r oneshotReport
		report := fmt.Sprintf(`{"binary_mb":18,"commands":[{"name":"curl","wall_ms":%v},{"name":"aichat version","wall_ms":1},
			{"name":"aichat ask","wall_ms":1},{"name":"first ask, no server","wall_ms":1},{"name":"first ask ever","wall_ms":1}]}`, tc.curl)
		if err := json.Unmarshal([]byte(report), &r); err != nil {
			t.Fatal(err)
		}
		figures, err := r.figures()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range figures {
			want := map[string]float64{"curl": unbound, "aichat version": tc.version, "aichat ask": tc.ask}[f.name]
			if want != 0 && f.most != want {
				t.Errorf("curl takes %v: the bound of %s is %v, want %v", tc.curl, f.name, f.most, want)
			}
		}
	}
	if _, err := (oneshotReport{}).figures(); err == nil {
		t.Error("figures were found where none are")
	}
}

func TestTableSaysWhatIsMissed(t *testing.T) {
	t.Parallel()
	figures := []figure{{"quick", 1, 2, "ms"}, {"slow", 3, 2, "ms"}, {"for comparison", 9, unbound, "ms"}}
	var out strings.Builder
	if err := table(&out, figures); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "MISSED"); n != 1 || missed(figures) != 1 {
		t.Errorf("%d lines and %d figures are missed:\n%s", n, missed(figures), out.String())
	}
}
