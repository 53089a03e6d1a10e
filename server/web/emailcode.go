package web

import (
	"net/http"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// The fields of the two forms.
const (
	emailField = "email"
	digitField = "code"
)

// mailed is what the page for the code shows. It looks the same whoever the
// address belongs to.
type mailed struct {
	Mailbox string
	Return  string
	Linking bool
}

// sendCode mails a code and asks for it.
func sendCode(x *exchange) error {
	if err := take(x.limits.letters, x.network()); err != nil {
		return err
	}
	if err := take(x.limits.lettersAround, visitor.Site(x.visit.Seen.Address)); err != nil {
		return err
	}
	typed, next := x.form(emailField), x.form(returnField)
	mailbox, err := mail.Address(typed)
	if err != nil {
		return x.refuseAddress(typed, next, err)
	}
	if err := tooOften(x.limits.misses.Wait(mailbox)); err != nil {
		return err // a letter would be of no use
	}
	if err := take(x.limits.mailboxes, mailbox); err != nil {
		return err
	}
	if _, err := x.o.Pages.SendCode(x.r.Context(), x.visit, mailbox, next); err != nil {
		return err
	}
	return x.askDigits(http.StatusOK, mailed{Mailbox: mailbox, Return: signin.ReturnPath(next)}, "")
}

// refuseAddress shows the form again to whoever typed no address.
func (x *exchange) refuseAddress(typed, next string, err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	w := x.ways(next)
	w.Typed = typed
	return x.offer(http.StatusUnprocessableEntity, w, fault.Of(err).Public())
}

func (x *exchange) askDigits(status int, m mailed, problem string) error {
	m.Linking = x.visit.SignedIn()
	s := sheet{Title: "Check your mail", Problem: problem, Data: m}
	if problem != "" {
		s.Field = digitField
	}
	return x.render(status, "code", s)
}

// tryCode tries what was typed.
func tryCode(x *exchange) error {
	if err := take(x.limits.codes, x.network()); err != nil {
		return err
	}
	mailbox, err := mail.Address(x.form(emailField))
	if err != nil {
		return err
	}
	if err := tooOften(x.limits.misses.Wait(mailbox)); err != nil {
		return err
	}
	e, err := x.o.Pages.EnterCode(x.r.Context(), x.visit, mailbox, x.form(digitField))
	if f := fault.Of(err); f != nil && f.Subject == digitField {
		if f.Kind == fault.Unauthenticated {
			x.limits.misses.Count(mailbox) // of a code that was there: strangers keep nobody out without a letter
		}
		return x.askDigits(http.StatusUnprocessableEntity, mailed{Mailbox: mailbox, Return: signin.ReturnPath(x.form(returnField))}, f.Public())
	}
	if err != nil {
		return err
	}
	return x.entered(e)
}
