// Package smtp sends letters through a mail server (RFC 5321): one connection a
// letter, encrypted unless the server is on this machine.
//
// It imports mail, fault and the library that speaks SMTP, and implements
// mail.Sender. It is below mail, whose words it carries without knowing them.
package smtp
