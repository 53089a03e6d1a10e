package client_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/aichat-term/aichat/client"
)

func TestWhyNobodyAnswered(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, tc := range []struct {
		err  error
		want string
	}{
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "nobody listens there (connection refused)"},
		{dial(&net.DNSError{Name: "chat.invalid", IsNotFound: true, Err: "no such host"}), "there is no host named chat.invalid"},
		{dial(&net.DNSError{Name: "chat.invalid", IsTimeout: true}), "the name chat.invalid cannot be looked up now"},
		{dial(os.ErrDeadlineExceeded), "it does not answer (timed out)"},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "there is no way to it from here (network unreachable)"},
		{dial(errors.New("something else")), "something else"},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), "the connection broke"},
		{errors.New("http: server gave HTTP response to HTTPS client"), "what listens there does not speak https"},
		{errors.New("a sentence of ours"), "a sentence of ours"},
	} {
		if got := (&client.UnreachableError{Err: tc.err}).Why(); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.err, got, tc.want)
		}
	}
}
