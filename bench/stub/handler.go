package stub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Handler answers POST …/chat/completions, streamed, with the profile that the
// model's name asks for. Each delta is flushed by itself. Where sent is not nil
// it is told of each delta just before; it must not wait.
func Handler(sent func(p Profile, delta int, at time.Time)) http.Handler {
	if sent == nil {
		sent = func(Profile, int, time.Time) {}
	}
	provider := provider{sent: sent}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", provider.complete)
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"object":"list","data":[]}`)) // the client is gone
	})
	return mux
}

type provider struct {
	sent func(p Profile, delta int, at time.Time)
}

func (s provider) complete(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Model string `json:"model"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p, err := ParseModel(req.Model)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	_ = s.stream(w, r, p) // the client is gone
}

const (
	head = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench",`
	tail = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench",` +
		`"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" + head +
		`"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":%d,"total_tokens":%d}}` + "\n\n" +
		"data: [DONE]\n\n"
)

func (s provider) stream(w http.ResponseWriter, r *http.Request, p Profile) error {
	rc := http.NewResponseController(w)
	next, err := text(p)
	if err != nil {
		return err
	}
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	var buf []byte
	for i := range p.Deltas {
		// Each delta has its own due time, so that a late one delays no other.
		if wait := time.Until(start.Add(time.Duration(i) * p.Gap)); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-r.Context().Done():
				return r.Context().Err()
			}
		}
		buf = append(buf[:0], head...)
		buf = append(buf, `"choices":[{"index":0,"delta":{"content":"`...)
		buf = next(buf, i)
		buf = append(buf, `"},"finish_reason":null}]}`+"\n\n"...)
		s.sent(p, i, time.Now())
		if _, err := w.Write(buf); err != nil {
			return err
		}
		if err := rc.Flush(); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, tail, p.Deltas, p.Deltas+10); err != nil {
		return err
	}
	return rc.Flush()
}

// text returns what appends the text of delta i to b, escaped for JSON.
func text(p Profile) (func(b []byte, i int) []byte, error) {
	if p.Kind == Stamps {
		return func(b []byte, i int) []byte {
			return Record{Sent: time.Now(), Number: i}.Append(b, p.Size)
		}, nil
	}
	deltas := markdown(p)
	for i, d := range deltas {
		quoted, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("stub: %w", err)
		}
		deltas[i] = string(quoted[1 : len(quoted)-1])
	}
	return func(b []byte, i int) []byte { return append(b, deltas[i]...) }, nil
}
