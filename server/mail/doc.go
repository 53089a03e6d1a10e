// Package mail is what the server writes to people.
//
// Each message is a typed function that makes a Letter: its kind, to whom, and
// what is in it as data. A Letter is queued in the transaction that gives rise to
// it; a job renders it from a template and hands it to a Sender: smtp, resend or
// log below this folder.
//
// mail imports the standard library and fault only. It is not in the verbs that
// write, so that all that people ever read by mail stands in one place.
package mail
