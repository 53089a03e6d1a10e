package version

import (
	"cmp"
	"slices"
	"strings"
)

// Compare orders two versions as Semantic Versioning 2.0.0, section 11, does:
// -1 where a is older, 1 where it is newer, 0 where neither is. Build metadata
// and a leading "v" say nothing. What is no version is older than every
// version, and as old as anything else that is none.
func Compare(a, b string) int {
	va, okA := parse(a)
	vb, okB := parse(b)
	switch {
	case !okA && !okB:
		return 0
	case !okA:
		return -1
	case !okB:
		return 1
	}
	for i := range va.core {
		if c := compareNumbers(va.core[i], vb.core[i]); c != 0 {
			return c
		}
	}
	return comparePre(va.pre, vb.pre)
}

// Valid reports whether s is a version.
func Valid(s string) bool {
	_, ok := parse(s)
	return ok
}

// parsed is a version's parts; the numbers stay text, so that none is too big.
type parsed struct {
	core [3]string
	pre  []string // nil: a release
}

// pseudo reports whether the version is one that the Go tool made from a
// commit, such as 0.0.0-20261122101500-0123456789ab or one marked +dirty: it
// orders below the releases it descends from.
func (p parsed) pseudo() bool {
	if len(p.pre) == 0 {
		return false
	}
	last := p.pre[len(p.pre)-1]
	at, commit, ok := strings.Cut(last, "-")
	return ok && len(at) == 14 && numeric(at) && len(commit) == 12
}

func parse(s string) (parsed, bool) {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "v"), "+")
	core, pre, hasPre := strings.Cut(s, "-")
	numbers := strings.Split(core, ".")
	if len(numbers) != 3 || !allNumbers(numbers) {
		return parsed{}, false
	}
	p := parsed{core: [3]string(numbers)}
	if hasPre {
		p.pre = strings.Split(pre, ".")
		if slices.ContainsFunc(p.pre, notIdentifier) {
			return parsed{}, false
		}
	}
	return p, true
}

func allNumbers(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return !numeric(f) || leadingZero(f) })
}

func notIdentifier(s string) bool {
	if s == "" || numeric(s) && leadingZero(s) {
		return true
	}
	return strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-'
	})
}

func numeric(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func leadingZero(s string) bool { return len(s) > 1 && s[0] == '0' }

// compareNumbers compares decimal numbers without leading zeros.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// comparePre compares pre-releases: none is newer than any; numbers are older
// than words; of two that begin alike the longer is newer.
func comparePre(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(b), len(a))
	}
	for i := range min(len(a), len(b)) {
		if c := compareIdentifiers(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareIdentifiers(a, b string) int {
	switch numA, numB := numeric(a), numeric(b); {
	case numA && numB:
		return compareNumbers(a, b)
	case numA:
		return -1
	case numB:
		return 1
	}
	return strings.Compare(a, b)
}
