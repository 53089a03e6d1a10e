package mail

import (
	netmail "net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/aichat-term/aichat/server/fault"
)

// From reads whom letters come from, as an operator writes it: an address, with
// or without a name. Its domain may be a single name, as on a machine of one's
// own.
func From(text string) (netmail.Address, error) {
	parsed, err := netmail.ParseAddress(text)
	if err != nil || strings.ContainsFunc(text, unicode.IsControl) {
		return netmail.Address{}, fault.New(fault.Invalid, "The sender is not an address like aichat@example.com or aichat <aichat@example.com>.")
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	local, domain := parsed.Address[:at], parsed.Address[at+1:]
	if domain, err = idna.Lookup.ToASCII(domain); err != nil || !ascii(local) || strings.ContainsFunc(local, notInAddress) {
		return netmail.Address{}, fault.New(fault.Invalid, "The sender's address is not one that mail servers take; it looks like aichat@example.com.")
	}
	return netmail.Address{Name: parsed.Name, Address: local + "@" + domain}, nil
}
