package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"strings"
	"unicode"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

// codeDigits is how long a mailed code is: with five tries, one guess in 200 000
// is right.
const codeDigits = 6

// EmailCodeHash is what is stored of a mailed code. It is keyed by the browser's
// credential, which is not stored: so the code is worth nothing in another
// browser, and a stolen database does not tell the code, of which there are only
// a million.
func EmailCodeHash(cookie, mailbox, code string) []byte {
	mac := hmac.New(sha256.New, []byte(cookie))
	fmt.Fprintf(mac, "email code\x00%s\x00%s", mailbox, code)
	return mac.Sum(nil)
}

// newEmailCode makes one by chance.
func newEmailCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic("signin: " + err.Error()) // crypto/rand never fails
	}
	return fmt.Sprintf("%0*d", codeDigits, n)
}

// SendCode mails a code to an address and returns its mailbox; Invalid where it
// is no address. A code that was sent before is void.
//
// It never asks who the address belongs to: the work is the same for one who may
// sign in and one who may not, so that neither the answer nor its time tells.
// Who may, is found out when the code has shown whose the address is. The door
// limits how often a mailbox and an address may ask.
func (p *Pages) SendCode(ctx context.Context, v Visit, address, next string) (mailbox string, err error) {
	if !p.Email {
		return "", fault.New(fault.NotFound, "This server does not send codes by e-mail. Choose another way on the sign-in page.")
	}
	mailbox, err = mail.Address(address)
	if err != nil {
		return "", err
	}
	if err := p.keep(ctx, v); err != nil {
		return "", err
	}
	code, now := newEmailCode(), p.Now()
	c := EmailCode{
		Mailbox: mailbox, BrowserHash: v.Hash, CodeHash: EmailCodeHash(v.Cookie, mailbox, code),
		Return: ReturnPath(next), CreatedAt: now, ExpiresAt: now.Add(codeLifetime),
	}
	letter := mail.Code{To: mailbox, Server: p.URL, Code: code, Address: v.Seen.Address, At: now, Expires: c.ExpiresAt}
	return mailbox, p.Store.AddEmailCode(ctx, c, letter.Letter())
}

// EnterCode tries a code that was mailed to this browser's person. Unauthenticated
// with CodeOver as its Subject means that there is nothing left to try.
func (p *Pages) EnterCode(ctx context.Context, v Visit, mailbox, code string) (Entered, error) {
	mailbox, err := mail.Address(mailbox)
	if err != nil {
		return Entered{}, err
	}
	digits, ok := parseEmailCode(code)
	if !ok { // it cannot be right: this costs no try
		return Entered{}, &fault.Error{Kind: fault.Invalid, Subject: "code", Message: "The code is six digits. Copy them from the newest e-mail."}
	}
	try, c, err := p.Store.TryEmailCode(ctx, mailbox, v.Hash, EmailCodeHash(v.Cookie, mailbox, digits), p.Now())
	if err != nil {
		return Entered{}, err
	}
	switch try {
	case RightCode:
		return p.enter(ctx, v, "e-mail", Person{External: identity.External{
			Issuer: identity.EmailIssuer, Subject: mailbox, Email: mailbox, EmailVerified: true,
		}}, c.Return)
	case WrongCode:
		return Entered{}, p.refused(ctx, v, errWrongCode, "A wrong code for "+mailbox+".")
	default:
		return Entered{}, errCodeOver
	}
}

// CodeOver is the Subject of the fault that says that another code is needed.
const CodeOver = "code_over"

var (
	errWrongCode = &fault.Error{Kind: fault.Unauthenticated, Subject: "code",
		Message: "That is not the code. Copy the six digits from the newest e-mail; after five tries you need a new one."}

	// errCodeOver is constant: it must not tell which of them it was.
	errCodeOver = &fault.Error{Kind: fault.Unauthenticated, Subject: CodeOver,
		Message: "That code cannot be used any more: it is too old, was tried too often, or a newer one was sent. Ask for a new one."}
)

// parseEmailCode reads a code as people type and paste it.
func parseEmailCode(text string) (string, bool) {
	const longest = 64
	if len(text) > longest {
		return "", false
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, text)
	return digits, len(digits) == codeDigits && strings.Trim(digits, "0123456789") == ""
}
