package mail

import (
	netmail "net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/aichat-term/aichat/server/fault"
)

// The lengths of an address that SMTP carries (RFC 5321 section 4.5.3.1), in
// bytes.
const (
	maxAddress = 254
	maxLocal   = 64
	maxDomain  = 253
)

// Address reads what somebody typed as an e-mail address and returns the
// mailbox: lower case throughout, an international domain in its ASCII form (RFC
// 5891), no white space around it. Two texts name one mailbox exactly where
// their results are equal.
//
// It takes less than RFC 5322 allows, on purpose: one address, without a name,
// comment, quotes or literal, whose domain has a dot. Everything else is an
// Invalid fault, and so is a line break, which would let the text write headers
// of its own.
func Address(text string) (string, error) {
	text = strings.Trim(text, " \t")
	if !utf8.ValidString(text) || strings.ContainsFunc(text, notInAddress) {
		return "", notAnAddress()
	}
	parsed, err := netmail.ParseAddress(text)
	if err != nil || parsed.Name != "" || parsed.Address != text {
		return "", notAnAddress()
	}
	local, domain, ok := strings.Cut(text, "@")
	if !ok || len(local) > maxLocal || !ascii(local) {
		return "", notAnAddress()
	}
	if domain, ok = host(domain); !ok || len(local)+1+len(domain) > maxAddress {
		return "", notAnAddress()
	}
	return strings.ToLower(local) + "@" + domain, nil
}

// notInAddress finds what is in no address that we take: controls and white
// space, and what begins a comment, a quoted text, a list or a literal.
func notInAddress(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r)
}

// host is a domain's ASCII form, as it is looked up.
func host(domain string) (string, bool) {
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || len(domain) > maxDomain || strings.HasSuffix(domain, ".") {
		return "", false
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || !strings.ContainsFunc(domain[dot+1:], func(r rune) bool { return 'a' <= r && r <= 'z' }) {
		return "", false // one label only, or an IP address
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 {
			return "", false
		}
	}
	return domain, true
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// notAnAddress does not repeat the text, which goes to people's terminals.
func notAnAddress() *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Subject: "email",
		Message: "That is not an e-mail address we can write to; it looks like name@example.com."}
}
