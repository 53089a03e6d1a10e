package upstream

import (
	"crypto/tls"
	"net/http"
)

// Trust has a guarded transport take the certificates of a test's servers.
func Trust(guard http.RoundTripper, c *tls.Config) { guard.(*guarded).transport.TLSClientConfig = c }

// Proxied reports whether a guarded transport would ask a proxy.
func Proxied(guard http.RoundTripper) bool { return guard.(*guarded).transport.Proxy != nil }

// ErrLeadsInside is in the cause of a call that was stopped at a name's address.
var ErrLeadsInside = errLeadsInside
