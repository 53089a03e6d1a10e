package mail

import "context"

// Message is a letter that has been rendered.
type Message struct {
	// ID is the same for each try to send one letter and differs between
	// letters: a Sender makes of it what lets the other side drop a duplicate.
	// Letters, digits, "-" and "_".
	ID string

	Letter  string // name of the letter it was made of, for the log
	To      string // an address, checked by Address
	Subject string // one line of plain text
	Text    string // the same in plain text and in HTML
	HTML    string
}

// Sender hands messages over to whoever delivers them. It is safe for concurrent
// use.
type Sender interface {
	// Send returns when the message has been accepted or refused. Invalid means
	// that this message will never be accepted, whatever the time of day; after
	// any other fault it may be sent again, with the same ID.
	Send(ctx context.Context, m Message) error
}
