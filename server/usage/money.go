package usage

import (
	"fmt"
	"strings"
)

// Dollars is an amount of micro-dollars for people: whole cents from a dollar on,
// and below it as many digits as tell it apart from nothing.
func Dollars(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	switch {
	case micro >= 999_950 || micro == 0:
		cents := (micro + 5_000) / 10_000
		return fmt.Sprintf("%s$%s.%02d", sign, Grouped(cents/100), cents%100)
	case micro >= 10_000:
		return fmt.Sprintf("%s$0.%04d", sign, (micro+50)/100)
	}
	return fmt.Sprintf("%s$0.%06d", sign, micro)
}

// Exact is an amount of micro-dollars to the last of them, with two digits behind
// the point at least: for what somebody adds up.
func Exact(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	part := strings.TrimRight(fmt.Sprintf("%06d", micro%million), "0")
	return sign + "$" + Grouped(micro/million) + "." + part + strings.Repeat("0", max(0, 2-len(part)))
}

// Grouped is a number with a comma before each three digits.
func Grouped(n int64) string {
	text := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

// perMillion is a price for people: "$3/M", "$0.125/M".
func perMillion(micro int64) string {
	whole, rest := micro/1_000_000, micro%1_000_000
	text := "$" + Grouped(whole)
	if rest > 0 {
		text += "." + strings.TrimRight(fmt.Sprintf("%06d", rest), "0")
	}
	return text + "/M"
}
