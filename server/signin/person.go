package signin

import (
	"net/url"
	"strings"

	"github.com/aichat-term/aichat/server/mail"
)

// fit is what is kept of what a provider says: it may say anything, and what
// does not fit is left out rather than refused.
func (p Person) fit() Person {
	mailbox, err := mail.Address(p.Email)
	p.EmailVerified = p.EmailVerified && err == nil
	p.Email = mailbox
	p.Name = oneLine(p.Name)
	p.AvatarURL = picture(p.AvatarURL)
	p.Locale = locale(p.Locale)
	return p
}

// picture is an https URL, or none.
func picture(text string) string {
	const longest = 2000
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(text) > longest {
		return ""
	}
	return u.String()
}

// locale is what has the shape of a BCP 47 tag, or none. Some providers write an
// underscore in it.
func locale(text string) string {
	const longest = 35 // RFC 5646, section 4.4.1
	text = strings.ReplaceAll(text, "_", "-")
	if len(text) > longest || strings.ContainsFunc(text, notInTag) || strings.HasPrefix(text, "-") || strings.HasSuffix(text, "-") {
		return ""
	}
	return text
}

func notInTag(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
}
