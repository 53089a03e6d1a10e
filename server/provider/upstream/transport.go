package upstream

import (
	"net"
	"net/http"
	"time"
)

// perConnection is how many bytes a connection buffers each way: a few deltas, or a
// short question. What is larger passes the buffers by.
const perConnection = 1 << 10

// NewTransport returns a transport for thousands of long streams at once: small
// buffers, no compression (it would hold tokens back), many idle connections to
// one host, and no limit on the time an answer takes to begin, which the caller
// watches by its context.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           newDialer().DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       90 * time.Second,
		DisableCompression:    true,
		ReadBufferSize:        perConnection,
		WriteBufferSize:       perConnection,
	}
}

func newDialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
}
