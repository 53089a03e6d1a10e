package mail

import (
	"strconv"
	"time"
)

// Limit is the letter that says how far one of the plan's limits is used.
type Limit struct {
	To, Locale string
	Server     string // its public address
	Name       string // the user's own name; may be empty
	Percent    int
	Used       string    // such as "400 of 500 messages a day"
	Resets     time.Time // when the next period begins
}

// Letter puts it into words. It is not worth sending when the limit has been
// reset.
func (l Limit) Letter() Letter {
	data := map[string]string{
		"server": l.Server, "name": oneLine(l.Name), "percent": strconv.Itoa(l.Percent), "used": oneLine(l.Used),
		"resets": moment(l.Resets), "reached": "",
	}
	if l.Percent >= 100 {
		data["reached"] = "yes"
	}
	return Letter{Name: "limit", To: l.To, Locale: l.Locale, Data: data, Expires: l.Resets}
}
