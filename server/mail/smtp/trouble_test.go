package smtp_test

import (
	"bufio"
	"context"
	"maps"
	"net"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
)

// scripted is a server that answers each command by the first word of it, in
// the open. A command without an answer is met by silence; the answer "-" by a
// closed connection. It tells what it hears.
func scripted(t *testing.T, answers map[string]string) (net.Listener, <-chan string) {
	t.Helper()
	l := listen(t)
	heard := make(chan string, 64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		in, word, body := bufio.NewScanner(conn), "greeting", false
		for {
			switch answer, known := answers[word]; {
			case answer == "-":
				return
			case known:
				_, _ = conn.Write([]byte(answer + "\r\n"))
				body = strings.HasPrefix(answer, "354")
			}
			heard <- word
			for word = ""; word == "" && in.Scan(); {
				if line := in.Text(); line == "." || !body {
					word, _, _ = strings.Cut(line, " ")
				}
			}
			if word == "" {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l, heard
}

// willing is a server's part in a letter that goes well.
func willing(but map[string]string, silent ...string) map[string]string {
	answers := map[string]string{
		"greeting": "220 ready", "EHLO": "250 hello", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken", "RSET": "250 ok", "QUIT": "221 bye",
	}
	maps.Copy(answers, but)
	for _, word := range silent {
		delete(answers, word)
	}
	return answers
}

// A server that falls silent holds nobody longer than the letter's context.
func TestHangingServer(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			l, heard := scripted(t, willing(nil, word))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				for w := range heard {
					if w == word {
						cancel()
						return
					}
				}
			}()
			err := sender(t, "smtp://localhost", l, nil).Send(ctx, letter)
			if !fault.Is(err, fault.Canceled) {
				t.Errorf("it ends with %v", err)
			}
		})
	}
	t.Run("for longer than the limit", func(t *testing.T) {
		t.Parallel()
		l, _ := scripted(t, willing(nil, "greeting"))
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		if err := sender(t, "smtp://localhost", l, nil).Send(ctx, letter); !fault.Is(err, fault.Timeout) {
			t.Errorf("it ends with %v", err)
		}
	})
}

// A server that goes in the middle, or talks nonsense, may be tried again.
func TestBrokenServer(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]map[string]string{
		"gone at once":       willing(map[string]string{"greeting": "-"}),
		"busy":               willing(map[string]string{"greeting": "421 too busy"}),
		"no mail here":       willing(map[string]string{"greeting": "554 no"}),
		"another protocol":   willing(map[string]string{"greeting": "HTTP/1.1 400 Bad Request"}),
		"gone at MAIL":       willing(map[string]string{"MAIL": "-"}),
		"gone at RCPT":       willing(map[string]string{"RCPT": "-"}),
		"gone at DATA":       willing(map[string]string{"DATA": "-"}),
		"gone after content": willing(map[string]string{".": "-"}),
		"nonsense":           willing(map[string]string{"RCPT": "sure"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := scripted(t, answers)
			if err := sender(t, "smtp://localhost", l, nil).Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) {
				t.Errorf("it ends with %v", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		s := sender(t, "smtp://localhost", l, nil)
		_ = l.Close()
		if err := s.Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) {
			t.Errorf("it ends with %v", err)
		}
	})
}

// What goes wrong when the server has taken the letter would only send it twice.
func TestTakenIsTaken(t *testing.T) {
	t.Parallel()
	for name, but := range map[string]map[string]string{
		"gone at RSET": {"RSET": "-"}, "RSET refused": {"RSET": "500 what?"},
		"gone at QUIT": {"QUIT": "-"}, "QUIT refused": {"QUIT": "500 what?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := scripted(t, willing(but))
			if err := sender(t, "smtp://localhost", l, nil).Send(t.Context(), letter); err != nil {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}
