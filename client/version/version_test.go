package version_test

import (
	"slices"
	"testing"

	"github.com/aichat-term/aichat/client/version"
)

// TestCompareOrder holds every pair of a list in ascending order to it.
func TestCompareOrder(t *testing.T) {
	t.Parallel()
	ascending := []string{
		"not a version",
		"0.0.9",
		"0.1.0-0",
		"0.1.0-1",
		"0.1.0-2",
		"0.1.0-10",
		"0.1.0-alpha",
		"0.1.0-alpha.1",
		"0.1.0-alpha.beta",
		"0.1.0-beta",
		"0.1.0-dev",
		"0.1.0-dev.20261122T101500",
		"0.1.0-dev.20261122T101501",
		"0.1.0-dev.20270101T000000",
		"0.1.0-rc.1",
		"0.1.0",
		"0.1.2",
		"0.1.10",
		"0.2.0",
		"1.0.0",
		"99999999999999999999999.0.0",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := version.Compare(a, b); got != want {
				t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
	if !slices.IsSortedFunc(ascending, version.Compare) {
		t.Error("the list is not sorted by Compare")
	}
}

func TestCompareEqual(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"1.2.3", "v1.2.3"},
		{"1.2.3+linux", "1.2.3+darwin.9"},
		{"1.2.3-rc.1+a", "1.2.3-rc.1"},
		{"", "nonsense"},
		{"1.2", "1.02.3"},
	} {
		if got := version.Compare(pair[0], pair[1]); got != 0 {
			t.Errorf("Compare(%q, %q) = %d", pair[0], pair[1], got)
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"0.1.0": true, "v1.2.3-x.y-z.1": true, "1.2.3-0a": true,
		"": false, "1": false, "1.2": false, "1.2.3.4": false, "01.2.3": false, "1.2.3-": false,
		"1.2.3-01": false, "1.2.3-a..b": false, "1.2.-3": false, "1.2.3-ä": false,
	} {
		if got := version.Valid(s); got != want {
			t.Errorf("Valid(%q) = %v", s, got)
		}
	}
}

func TestOwnVersionIsOne(t *testing.T) {
	t.Parallel()
	if v := version.String(); !version.Valid(v) || version.Compare(v, version.MinServer) < 0 {
		t.Errorf("String() = %q: no version, or older than the oldest that is accepted", v)
	}
}
