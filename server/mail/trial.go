package mail

import "time"

// Trial is the letter with which an operator tries whether the server can send
// mail.
type Trial struct {
	To     string
	Server string // its public address
	At     time.Time
}

// Letter puts it into words.
func (t Trial) Letter() Letter {
	return Letter{Name: "trial", To: t.To, Data: map[string]string{"server": t.Server, "at": moment(t.At)}}
}
