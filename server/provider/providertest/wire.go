package providertest

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strings"
)

// format is one way to write frames as an event stream.
type format struct {
	newline string // LF where empty
	tight   bool   // no space after the colon
	lines   bool   // spread the data over several lines
	comment string // between the frames
	bom     bool
}

func (f format) write(frames []Frame) []byte {
	var b strings.Builder
	if f.bom {
		b.WriteString("\ufeff")
	}
	for _, frame := range frames {
		if f.comment != "" {
			b.WriteString(":" + f.comment + "\n\n")
		}
		if frame.Name != "" {
			b.WriteString("event: " + frame.Name + "\n")
		}
		for line := range strings.SplitSeq(f.spread(frame.Data), "\n") {
			b.WriteString("data: " + line + "\n")
		}
		b.WriteString("\n")
	}
	s := b.String()
	if f.tight {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "data: ", "data:"), "event: ", "event:")
	}
	if f.newline != "" {
		s = strings.ReplaceAll(s, "\n", f.newline)
	}
	return []byte(s)
}

// spread breaks JSON over lines, where that is asked for.
func (f format) spread(data string) string {
	var b bytes.Buffer
	if !f.lines || json.Indent(&b, []byte(data), "", " ") != nil {
		return data
	}
	return b.String()
}

func startStream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
}

// send serves a stream and ends it in good order.
func send(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		startStream(w)
		_, _ = w.Write(body) // the client may have gone
	}
}

// sendBytes serves a stream byte by byte.
func sendBytes(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		startStream(w)
		for i := range body {
			_, _ = w.Write(body[i : i+1]) // the client may have gone
			flush(w)
		}
	}
}

// sendAndBreak serves the start of a stream and then breaks the connection.
func sendAndBreak(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		startStream(w)
		_, _ = w.Write(body) // the client may have gone
		flush(w)
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.(*net.TCPConn).CloseWrite() // no last chunk: the body has no proper end
			_ = conn.Close()
		}
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// reply serves a response that is no stream.
func reply(status int, header map[string]string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client may have gone
	}
}
