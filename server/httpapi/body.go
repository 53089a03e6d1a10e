package httpapi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/server/fault"
)

// Limits of a request's body, counted after decompression. A question may hold
// conversation.MaxQuestion bytes of text, and JSON's escapes double some.
const (
	smallBody    = 2 << 20
	questionBody = 16 << 20
)

// bodyTime is how long a client may take to send a body.
const bodyTime = 2 * time.Minute

// takeBody reads a request's body within its limit, undoes its compression,
// checks its text and leaves it in the request, ready to be decoded.
func takeBody(c *gin.Context, limit int64) error {
	control := http.NewResponseController(c.Writer)
	_ = control.SetReadDeadline(time.Now().Add(bodyTime)) // not every writer has deadlines: a recorder in a test
	raw, err := readBody(c.Writer, c.Request, limit)
	_ = control.SetReadDeadline(time.Time{})
	if err != nil {
		return err
	}
	if err := checkText(raw); err != nil {
		return err
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(raw))
	c.Request.ContentLength = int64(len(raw))
	// We speak JSON only, so that a body of another name is still JSON or wrong.
	c.Request.Header.Set("Content-Type", "application/json")
	return nil
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body := io.Reader(http.MaxBytesReader(w, r.Body, limit))
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, unreadable(err)
		}
		body = unzipped
	default:
		return nil, &fault.Error{Kind: fault.Invalid, Subject: "Content-Encoding",
			Message: "The body's compression is not known here: send gzip, or none."}
	}
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if int64(len(raw)) > limit {
		return nil, tooLarge(limit)
	}
	return raw, nil
}

func unreadable(err error) error {
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(over.Limit)
	}
	return fault.Wrap(err, fault.Invalid, "The request's body broke off or cannot be read.")
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "The request's body is larger than %d MiB, the limit here.", limit>>20)
}
