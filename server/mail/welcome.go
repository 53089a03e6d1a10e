package mail

// Welcome is the letter to somebody who has just signed up.
type Welcome struct {
	To, Locale string
	Server     string // its public address
	Name       string // the user's own name; may be empty
}

// Letter puts it into words.
func (w Welcome) Letter() Letter {
	return Letter{Name: "welcome", To: w.To, Locale: w.Locale, Data: map[string]string{
		"server": w.Server, "name": oneLine(w.Name),
	}}
}
