package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// door is a server without a socket: each request is answered by the next of
// answers, the last one from then on. It counts how often it was asked.
type door struct {
	answers []func() (*http.Response, error)
	asked   int
}

func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := d.answers[min(d.asked, len(d.answers)-1)]
	d.asked++
	resp, err := answer()
	if err == nil {
		resp.Request = r
	}
	return resp, err
}

func tells(text string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}},
			Body: io.NopCloser(strings.NewReader(text))}, nil
	}
}

func fails() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func refuses() (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Content-Type": {"application/problem+json"}},
		Body: io.NopCloser(strings.NewReader(`{"code":"unavailable"}`))}, nil
}

const (
	toldTurn = "event: turn\ndata: {\"id\":\"t\",\"state\":\"running\"}\n\n"
	toldEnd  = "id: 1\nevent: completed\ndata: {\"message\":{\"state\":\"complete\"}}\n\n"
)

// An outage is said once it lasts, once, and never with -q; a short one is not.
func TestOutage(t *testing.T) {
	t.Parallel()
	again := func(n int) []func() (*http.Response, error) {
		answers := []func() (*http.Response, error){tells(toldTurn)}
		for range n {
			answers = append(answers, fails)
		}
		return append(answers, tells(toldTurn+toldEnd))
	}
	const lost, never = "the connection to the server is lost", "the server does not answer"
	for _, tc := range []struct {
		name    string
		answers []func() (*http.Response, error)
		quiet   bool
		want    int
		says    string
	}{
		{"short", again(1), false, 0, lost},
		{"long", again(9), false, 1, lost},
		{"long and quiet", again(9), true, 0, lost},
		{"for good", again(20), false, 1, lost},
		{"from the beginning", again(9)[1:], false, 1, never},
		{"from the beginning, then by a refusal", []func() (*http.Response, error){fails, refuses, refuses, refuses, refuses, refuses, tells(toldTurn + toldEnd)}, false, 1, lost},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, err := client.New(client.Options{BaseURL: "http://localhost", Transport: &door{answers: tc.answers}})
				if err != nil {
					t.Fatal(err)
				}
				stream, err := c.StartTurn(t.Context(), "c", wire.NewTurn{ID: "t"})
				if err != nil {
					t.Fatal(err)
				}
				var said bytes.Buffer
				p := newProgram(streams{err: output{Writer: &said}}, func(string) (string, bool) { return "", false })
				o := outage{after: patience, say: p.notes(askOptions{quiet: tc.quiet}).outage}
				for ev := (client.Event{}); err == nil && ev.End == nil; {
					ev, err = o.next(t.Context(), stream)
				}
				if (err != nil) != (tc.name == "for good") {
					t.Error(err)
				}
				if got := strings.Count(said.String(), tc.says); got != tc.want {
					t.Errorf("said %d times, want %d: %s", got, tc.want, &said)
				}
			})
		})
	}
}

// A caller that leaves while an outage is waited out is told of its own end.
func TestLeavingInAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New(client.Options{BaseURL: "http://localhost", Transport: &door{answers: []func() (*http.Response, error){tells(toldTurn), fails}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		stream, err := c.StartTurn(ctx, "c", wire.NewTurn{ID: "t"})
		if err != nil {
			t.Fatal(err)
		}
		o := outage{after: patience, say: func(bool) {}}
		for err == nil {
			_, err = o.next(ctx, stream)
		}
		if ctx.Err() == nil {
			t.Errorf("ended by %v", err)
		}
	})
}
