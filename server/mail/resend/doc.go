// Package resend sends letters through Resend's API (resend.com/docs/api-reference).
//
// It imports mail, fault and the vendor's library, and implements mail.Sender. It
// is below mail, whose words it carries without knowing them.
package resend
