package resend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	sdk "github.com/resend/resend-go/v3"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
)

// address is where the API is, whatever the environment says.
const address = "https://api.resend.com/"

// largest is how much of an answer is read, in bytes: they are an id or a sentence.
const largest = 64 << 10

// Options say how to send.
type Options struct {
	Key     string        // a secret
	From    string        // whom letters come from; see mail.From. Its domain must be verified at Resend
	Timeout time.Duration // for one letter; zero: 30 s

	Address   string            // of the API; empty: Resend's own
	Transport http.RoundTripper // nil: http.DefaultTransport
}

// Sender sends through one account at Resend.
type Sender struct {
	from netmail.Address
	api  *sdk.Client
	http *http.Client
}

var _ mail.Sender = (*Sender)(nil)

// New reads the options. It speaks to nobody.
func New(o Options) (*Sender, error) {
	if o.Key == "" {
		return nil, fault.New(fault.Invalid, "Resend's key is missing.")
	}
	from, err := mail.From(o.From)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(cmp.Or(o.Address, address))
	if err != nil {
		return nil, fault.New(fault.Invalid, "The address of Resend's API is not a URL.")
	}
	s := &Sender{from: from, http: &http.Client{
		Transport: o.Transport, Timeout: cmp.Or(o.Timeout, 30*time.Second),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key goes nowhere else
	}}
	s.api = sdk.NewCustomClient(s.http, o.Key)
	s.api.BaseURL = base
	return s, nil
}

// Send implements mail.Sender. The message's id is the idempotency key: for 24
// hours Resend answers a repeated one as it answered the first, and sends nothing.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	request, err := s.api.NewRequestWithOptions(ctx, http.MethodPost, "emails", &sdk.SendEmailRequest{
		From: s.author(), To: []string{m.To}, Subject: m.Subject, Text: m.Text, Html: m.HTML,
		Headers: map[string]string{"Auto-Submitted": "auto-generated"}, // RFC 3834
	}, &sdk.SendEmailOptions{IdempotencyKey: m.ID})
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The letter cannot be put into a request.")
	}
	// The library's own way to send forgets the status of an answer, which says
	// whether it makes sense to try again.
	response, err := s.http.Do(request)
	if err != nil {
		return unreached(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // all that matters is read by then
	if response.StatusCode/100 == 2 {
		return nil // the letter is theirs; its id there is of no use to us
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, largest))
	return refused(response, errors.Join(readError(body), err))
}

// author is the sender as the API reads it: name <address>.
func (s *Sender) author() string {
	if s.from.Name == "" {
		return s.from.Address
	}
	return s.from.String()
}

// apiError is the documented shape of a refusal.
type apiError struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

func (e apiError) Error() string { return e.Name + ": " + e.Message }

func readError(body []byte) error {
	var e apiError
	if err := json.Unmarshal(body, &e); err != nil {
		return errors.New("the answer is not the API's")
	}
	return e
}

func unreached(ctx context.Context, err error) error {
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(err, fault.Canceled, "The letter was not sent.")
	case errors.As(err, &slow) && slow.Timeout():
		return fault.Wrap(err, fault.Timeout, "Resend took too long.")
	}
	return fault.Wrap(err, fault.Unavailable, "Resend cannot be reached.")
}

// refused says whether it makes sense to send the letter again. Only what is
// wrong with the letter itself is for ever; a wrong key, an unverified domain or
// a used-up quota an operator can put right while the letter waits.
func refused(r *http.Response, cause error) error {
	api, _ := errors.AsType[apiError](cause)
	switch {
	case api.Name == "invalid_idempotent_request":
		return nil // it was taken before, in other words: an update has changed its template since
	case r.StatusCode == http.StatusTooManyRequests:
		f := fault.Wrap(cause, fault.Unavailable, "Resend takes no more letters for now.")
		f.RetryAfter = retryAfter(r.Header.Get("Retry-After"))
		return f
	case r.StatusCode == http.StatusUnauthorized, r.StatusCode == http.StatusForbidden, api.Name == "invalid_from_address":
		return fault.Wrap(cause, fault.Unavailable, "Resend does not accept our key or our sender.")
	case r.StatusCode == http.StatusUnprocessableEntity, r.StatusCode == http.StatusBadRequest:
		return fault.Wrap(cause, fault.Invalid, "Resend refused the letter for good.")
	}
	return fault.Wrap(cause, fault.Unavailable, "Resend did not take the letter (%d).", r.StatusCode)
}

func retryAfter(seconds string) time.Duration {
	n, err := strconv.Atoi(seconds)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}
