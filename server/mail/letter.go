package mail

import "time"

// Letter is a message before it is rendered, as it waits in the queue. Its data
// may hold a code that signs somebody in: it is removed from the queue when it
// has been sent, and never logged.
type Letter struct {
	Name   string            `json:"name"`   // which template: "code", "welcome", …
	To     string            `json:"to"`     // an address, checked by Address
	Locale string            `json:"locale"` // BCP 47; empty: English
	Data   map[string]string `json:"data"`

	// Expires is when it is not worth sending any more; zero: never.
	Expires time.Time `json:"expires,omitzero"`
}

// Kind names the job that sends letters (River's JobArgs).
func (Letter) Kind() string { return "mail" }
