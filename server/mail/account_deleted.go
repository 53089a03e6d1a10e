package mail

import "time"

// AccountDeleted is the last letter to somebody whose account is gone.
type AccountDeleted struct {
	To, Locale string
	Server     string // its public address
	Name       string // the user's own name; may be empty
	At         time.Time
}

// Letter puts it into words.
func (d AccountDeleted) Letter() Letter {
	return Letter{Name: "account_deleted", To: d.To, Locale: d.Locale, Data: map[string]string{
		"server": d.Server, "name": oneLine(d.Name), "at": moment(d.At),
	}}
}
