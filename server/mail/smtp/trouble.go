package smtp

import (
	"context"
	"errors"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"

	"github.com/aichat-term/aichat/server/fault"
)

// asFault says whether it makes sense to send the letter again. Only a refusal of
// its recipient or of its content, with a code of 500 or more (RFC 5321 section
// 4.2.1), is for ever. Whatever else fails, a wrong password included, an
// operator can put right while the letter waits.
func asFault(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return fault.Wrap(err, fault.Timeout, "The mail server took too long.")
		}
		return fault.Wrap(err, fault.Canceled, "The letter was not sent.")
	}
	if refusal, ok := errors.AsType[*gomail.SendError](err); ok && permanent(refusal) {
		return fault.Wrap(err, fault.Invalid, "The mail server refused the letter for good.")
	}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		switch reply.Code {
		case 530, 534, 535, 538: // RFC 4954 section 6
			return fault.Wrap(err, fault.Unavailable, "The mail server does not accept our name and password.")
		}
	}
	return fault.Wrap(err, fault.Unavailable, "The mail server did not take the letter.")
}

func permanent(e *gomail.SendError) bool {
	switch e.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return e.ErrorCode() >= 500 && e.ErrorCode() != 530 // authentication required
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrSMTPMailFrom, gomail.ErrSMTPReset,
		gomail.ErrWriteContent, gomail.ErrConnCheck, gomail.ErrNoUnencoded, gomail.ErrAmbiguous:
		return false
	}
	return false
}
