package identity

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/aichat-term/aichat/server/fault"
)

// Limits of a profile, in bytes.
const (
	MaxName   = 200
	maxURL    = 2048
	maxLocale = 64
	maxZone   = 64
	maxModel  = 300
)

// Clean checks what is changed and returns it as it is to be stored: without
// white space around it, locales in their canonical form. An empty text takes a
// thing away, which a name does not allow. What is not right is Invalid, with
// the field as its Subject. That the model exists is for whoever knows models.
func (c ProfileChange) Clean() (ProfileChange, error) {
	for _, f := range []struct {
		text **string
		rule func(string) (string, error)
	}{
		{&c.Name, CleanName}, {&c.AvatarURL, cleanAvatar}, {&c.Locale, cleanLocale},
		{&c.TimeZone, cleanZone}, {&c.DefaultModel, cleanModel},
	} {
		if *f.text == nil {
			continue
		}
		text, err := f.rule(strings.TrimSpace(**f.text))
		if err != nil {
			return ProfileChange{}, err
		}
		*f.text = &text
	}
	return c, nil
}

// CleanName checks a user's name: text that can be seen, on one line. White
// space around it is dropped.
func CleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case !utf8.ValidString(name):
		return "", &fault.Error{Kind: fault.TextInvalid, Subject: "name"}
	case name == "" || len(name) > MaxName || strings.ContainsFunc(name, hidden) || !strings.ContainsFunc(name, visible):
		return "", unfit("name", "A name is 1 to 200 bytes of text on one line.")
	}
	return name, nil
}

// hidden finds what breaks a line, controls a terminal or turns the direction of
// writing. What joins letters (U+200D) is part of names and pictures.
func hidden(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200d' && r != '\u200c' }

func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// cleanAvatar takes addresses that a browser fetches over TLS from a host with a
// name or address, without credentials.
func cleanAvatar(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" ||
		len(text) > maxURL || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }) {
		return "", unfit("avatar_url", "The address of a picture begins with https:// and has a host, such as https://example.com/ada.png.")
	}
	return u.String(), nil
}

// cleanLocale takes the tags of BCP 47 and returns them as it writes them.
func cleanLocale(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	tag, err := language.Parse(text)
	if err != nil || tag == language.Und || len(text) > maxLocale {
		return "", unfit("locale", "A locale is a language tag, such as en, de-CH or pt-BR.")
	}
	return tag.String(), nil
}

// cleanZone takes the names of the IANA database. "Local" is none: it would be
// the server's.
func cleanZone(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if _, err := time.LoadLocation(text); err != nil || text == "Local" || len(text) > maxZone {
		return "", unfit("time_zone", "A time zone is a name of the IANA database, such as Europe/Zurich or UTC.")
	}
	return text, nil
}

func cleanModel(text string) (string, error) {
	if len(text) > maxModel || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || hidden(r) }) {
		return "", &fault.Error{Kind: fault.ModelUnknown, Subject: "default_model"}
	}
	return text, nil
}

func unfit(field, message string) error {
	return &fault.Error{Kind: fault.Invalid, Subject: field, Message: message}
}
