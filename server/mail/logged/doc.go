// Package logged stands in where no mail server is configured: it writes to the
// log that there was a letter, and for whom. What is in it, a code perhaps, goes
// nowhere.
//
// It imports mail and implements mail.Sender. It is not in mail, which has no
// opinion on where letters go.
package logged
