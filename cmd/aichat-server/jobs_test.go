package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"strconv"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/aichat-term/aichat/client/wire"
)

// postOffice is a mail server on this machine that knows example.com only.
type postOffice struct {
	address string
	letters chan string
}

type counter struct {
	office *postOffice
}

func (counter) Reset()                                 {}
func (counter) Logout() error                          { return nil }
func (counter) Mail(string, *gosmtp.MailOptions) error { return nil }

func (counter) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if !strings.HasSuffix(to, "@example.com") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "Nobody \x1b[31mhere"}
	}
	return nil
}

func (c counter) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	c.office.letters <- string(b)
	return err
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	office := &postOffice{address: listener.Addr().String(), letters: make(chan string, 8)}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return counter{office}, nil }))
	server.Domain, server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // which Close does not know before Serve has begun
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return office
}

// mailing is a home whose server sends through an office.
func mailing(t *testing.T, office *postOffice) *home {
	t.Helper()
	h := newFoundedHome(t)
	h.env = append(h.env, "AICHAT_SERVER_MAIL_FROM=aichat <aichat@example.org>", "AICHAT_SERVER_MAIL_SMTP=smtp://"+office.address,
		"AICHAT_SERVER_URL=https://chat.example.org")
	return h
}

func TestMailTest(t *testing.T) {
	t.Parallel()
	office := openPostOffice(t)
	h := mailing(t, office)
	out, errs, status := h.run("mail", "test", "Ada@Example.com")
	if status != 0 || out != office.address+" took the letter to ada@example.com; it should arrive soon\n" {
		t.Errorf("%d %q %q", status, out, errs)
	}
	if letter := <-office.letters; !strings.Contains(letter, "Subject: chat.example.org can send mail") || !strings.Contains(letter, "To: <ada@example.com>") {
		t.Errorf("it says %s", letter)
	}
	out, _, status = h.run("mail", "test", "ada@example.com", "--json")
	var sent wire.MailTest
	if err := json.Unmarshal([]byte(out), &sent); err != nil || status != 0 || sent.To != "ada@example.com" || sent.Through != office.address {
		t.Errorf("%d %q %v", status, out, err)
	}
	<-office.letters

	_, errs, status = h.run("mail", "test", "ada@elsewhere.example")
	if status != 1 || !strings.Contains(errs, "refused the letter for good") || !strings.Contains(errs, "550") || strings.Contains(errs, "\x1b") {
		t.Errorf("%d %q", status, errs)
	}
	if _, errs, status := h.run("mail", "test", "ada"); status != 1 || !strings.Contains(errs, "name@example.com") {
		t.Errorf("%d %q", status, errs)
	}
	if _, errs, status := newFoundedHome(t).run("mail", "test", "ada@example.com"); status != 1 || !strings.Contains(errs, "No mail is configured") {
		t.Errorf("%d %q", status, errs)
	}
}

// A letter waits while no server runs, can be kept from being sent and let go
// again, and is sent by the server that comes.
func TestJobs(t *testing.T) {
	t.Parallel()
	office := openPostOffice(t)
	h := mailing(t, office)
	if out, errs, status := h.run("jobs", "list"); status != 0 || out != "" || !strings.Contains(errs, "no such jobs") {
		t.Errorf("%d %q %q", status, out, errs)
	}
	if _, errs, status := h.run("users", "invite", "eve@example.com"); status != 0 {
		t.Fatal(errs)
	}
	list := func(args ...string) []wire.Job {
		t.Helper()
		out, errs, status := h.run(append([]string{"jobs", "list", "--json"}, args...)...)
		var all []wire.Job
		if err := json.Unmarshal([]byte(out), &all); err != nil || status != 0 {
			t.Fatalf("%d %s %s %v", status, out, errs, err)
		}
		return all
	}
	all := list()
	if len(all) != 1 || all[0].About != "invitation to eve@example.com" || all[0].State != wire.JobAvailable {
		t.Fatalf("%+v", all)
	}
	id := strconv.FormatInt(all[0].ID, 10)
	if out, _, _ := h.run("jobs", "list"); !strings.Contains(out, "invitation to eve@example.com") {
		t.Errorf("%s", out)
	}
	if out, _, _ := h.run("jobs", "cancel", id); out != "job "+id+" is cancelled\n" {
		t.Errorf("%s", out)
	}
	if n := len(list("--state", "available")); n != 0 {
		t.Errorf("%d wait", n)
	}
	for _, wrong := range []string{"x", "0", "-1"} {
		if _, _, status := h.run("jobs", "retry", "--", wrong); status != 2 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	if _, errs, status := h.run("jobs", "retry", "777"); status != 1 || !strings.Contains(errs, "no such job") {
		t.Errorf("%d %s", status, errs)
	}

	s := h.serve() // which sends nothing that is cancelled, and is asked from now on
	if out, errs, _ := h.run("jobs", "retry", id, "--json"); !strings.Contains(out, `"state": "available"`) {
		t.Errorf("%s %s", out, errs)
	}
	if letter := <-office.letters; !strings.Contains(letter, "To: <eve@example.com>") {
		t.Errorf("it says %s", letter)
	}
	s.stop()
	if done := list("--state", "completed"); len(done) == 0 {
		t.Error("nothing is done")
	}
	for _, j := range list("--state", "completed") {
		if j.About != "" {
			t.Errorf("of what was sent is left %+v", j)
		}
	}
}
