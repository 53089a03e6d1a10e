package mail

import "time"

// NewSession is the letter that says that a program on some machine has been
// signed in, so that one who did not do it learns of it.
type NewSession struct {
	To, Locale string
	Server     string    // its public address
	Device     string    // name of the machine, in the program's own words
	Version    string    // of the program, in its own words
	Address    string    // IP address; empty: unknown
	At         time.Time // when it was let in
}

// Letter puts it into words.
func (s NewSession) Letter() Letter {
	return Letter{Name: "new_session", To: s.To, Locale: s.Locale, Data: map[string]string{
		"server": s.Server, "device": oneLine(s.Device), "version": oneLine(s.Version),
		"address": oneLine(s.Address), "at": moment(s.At),
	}}
}
