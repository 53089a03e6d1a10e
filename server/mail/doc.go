// Package mail is what the server writes to people.
//
// Each message is a type, in a file of its own, that makes a Letter: its name, to
// whom, and what is in it as data. A Letter is queued in the transaction that
// gives rise to it; a job renders it from its templates and hands it to a Sender:
// smtp, resend or logged below this folder.
//
// mail imports the standard library, fault and, to read addresses, a library of
// international domain names. It is not in the verbs that write, so that all that
// people ever read by mail stands in one place.
package mail
