package figure

import (
	"fmt"
	"strconv"
	"strings"
)

const million = 1_000_000

// Count writes a number of tokens shortly.
func Count(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprint(n)
	case n < million:
		return short(float64(n)/1e3) + "k"
	}
	return short(float64(n)/1e6) + "M"
}

// short has a decimal where it says something.
func short(n float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0") }

// Money writes micro-dollars with as many digits as say something.
func Money(micro int64) string {
	usd := float64(micro) / million
	switch {
	case usd == 0:
		return "$0"
	case usd < 0.01:
		return fmt.Sprintf("$%.4f", usd)
	case usd < 1:
		return strings.TrimSuffix(fmt.Sprintf("$%.3f", usd), "0")
	}
	return fmt.Sprintf("$%.2f", usd)
}

// Exact writes micro-dollars to the last of them, with two decimals at least: for
// what is to be added up by somebody else.
func Exact(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	part := strings.TrimRight(fmt.Sprintf("%06d", micro%million), "0")
	return sign + "$" + Grouped(micro/million) + "." + part + strings.Repeat("0", max(0, 2-len(part)))
}

// Grouped is a number with its thousands apart.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Percent is how many hundredths of most n is, rounded down, so that it says 100
// only when nothing is left; 0 of nothing.
func Percent(n, most int64) int64 {
	if most <= 0 || n <= 0 {
		return 0
	}
	if n > 1<<56 { // more than can be multiplied; the quotient is near enough
		return n / max(most/100, 1)
	}
	return n * 100 / most
}

// Plain writes the marks that ASCII has no character for with others that say the
// same.
func Plain(s string) string { return plain.Replace(s) }

var plain = strings.NewReplacer("×", "x", "…", "...", "–", "-", "·", "|", "→", "->")
