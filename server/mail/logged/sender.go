package logged

import (
	"context"
	"log/slog"

	"github.com/aichat-term/aichat/server/mail"
)

// Sender logs letters instead of sending them.
type Sender struct{ log *slog.Logger }

var _ mail.Sender = (*Sender)(nil)

// New returns a Sender that writes to the log.
func New(log *slog.Logger) *Sender { return &Sender{log} }

// Send implements mail.Sender; it never fails.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	s.log.WarnContext(ctx, "no mail is configured: a letter was not sent", "letter", m.Letter, "to", m.To)
	return nil
}
