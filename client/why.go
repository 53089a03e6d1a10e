package client

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Why says in plain words, without a stop, why nobody answered.
func (e *UnreachableError) Why() string { return why(e.Err) }

// plainAnswer is what net/http says in place of a tls.RecordHeaderError where the
// bytes that came are those of a plain HTTP answer. It has no type.
const plainAnswer = "server gave HTTP response to HTTPS client"

// why puts what the network says into words. What it does not know it leaves as
// it is, without the operation and the addresses that Go puts before it.
func why(err error) string {
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		header  tls.RecordHeaderError
		timeout net.Error
		op      *net.OpError
		ours    interface{ NeverConnected() bool }
	)
	switch {
	case errors.As(err, &ours): // in words already
		return err.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host named " + dns.Name
	case errors.As(err, &dns):
		return "the name " + dns.Name + " cannot be looked up now"
	case errors.As(err, &cert):
		return "its certificate is not accepted: " + strings.TrimPrefix(cert.Err.Error(), "x509: ")
	case errors.As(err, &header), strings.Contains(err.Error(), plainAnswer):
		return "what listens there does not speak https"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there (connection refused)"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no way to it from here (network unreachable)"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection broke"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it does not answer (timed out)"
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}
