package mail

import "time"

// Invitation is the letter to somebody who may sign up. It holds no secret: the
// invitation is the mailbox's, and whoever opens the link has to show that it is
// theirs.
type Invitation struct {
	To, Locale string
	Server     string    // its public address
	Link       string    // where to sign up
	By         string    // name of who invites; empty: the server's operator
	Expires    time.Time // zero: never
}

// Letter puts it into words.
func (i Invitation) Letter() Letter {
	until := ""
	if !i.Expires.IsZero() {
		until = day(i.Expires)
	}
	return Letter{Name: "invitation", To: i.To, Locale: i.Locale, Expires: i.Expires, Data: map[string]string{
		"server": i.Server, "link": i.Link, "by": oneLine(i.By), "until": until,
	}}
}
