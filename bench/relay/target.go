package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/bench/subject"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
)

// target is something to stream from.
type target struct {
	name string
	pid  int // 0: nothing stands between

	// request asks for an answer of a model.
	request func(ctx context.Context, model string) (*http.Request, error)
	// text is the text in an event, and whether the event ends the answer well.
	text func(ev sse.Event) (text []byte, end bool, err error)
}

// openAI asks a Chat Completions endpoint: the stub, or the proxy before it.
func openAI(name string, p *subject.Process) target {
	t := target{name: name, pid: p.PID, text: openAIText}
	t.request = func(ctx context.Context, model string) (*http.Request, error) {
		body := fmt.Appendf(nil, `{"model":%q,"stream":true,"messages":[{"role":"user","content":"go"}]}`, model)
		return post(ctx, p.URL+"/v1/chat/completions", body)
	}
	return t
}

// The load generator shares the machine with what it measures: it looks for the
// text rather than decode the JSON, whose form it knows.
var (
	openAIMark = []byte(`"content":"`)
	aichatMark = []byte(`"text":"`)
)

func openAIText(ev sse.Event) ([]byte, bool, error) {
	if string(ev.Data) == "[DONE]" {
		return nil, true, nil
	}
	return after(ev.Data, openAIMark), false, nil
}

// aichat begins a turn in a new conversation.
func aichat(s *subject.Server) target {
	t := target{name: "aichat-server", pid: s.PID, text: aichatText}
	t.request = func(ctx context.Context, model string) (*http.Request, error) {
		conversation, turn, question := newID(), newID(), newID()
		body, err := json.Marshal(wire.NewTurn{
			ID:       turn,
			Question: &wire.Question{ID: question, Parts: []wire.Part{{Type: wire.PartText, Text: "go"}}},
			// ask's conversations get no title from a model: one call a turn.
			Create: &wire.NewConversation{ID: conversation, Origin: wire.OriginAsk},
			Model:  "openai/" + model,
		})
		if err != nil {
			return nil, err
		}
		req, err := post(ctx, s.URL+wire.ConversationPath(conversation, wire.BelowTurns), body)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+s.Token)
		return req, nil
	}
	return t
}

func aichatText(ev sse.Event) ([]byte, bool, error) {
	switch ev.Name {
	case wire.EventDelta:
		return after(ev.Data, aichatMark), false, nil
	case wire.EventCompleted:
		return nil, true, nil
	case wire.EventSnapshot, wire.EventCancelled, wire.EventFailed, wire.EventInterrupted:
		return nil, false, fmt.Errorf("an event %s: %s", ev.Name, ev.Data)
	}
	return nil, false, nil
}

// after is what stands between mark and the next quote.
func after(data, mark []byte) []byte {
	_, rest, ok := bytes.Cut(data, mark)
	if !ok {
		return nil
	}
	text, _, _ := bytes.Cut(rest, []byte{'"'})
	return text
}

func post(ctx context.Context, url string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	return req, nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// proxy is Go's own relay, set up as well as it can be for streams.
func proxy(upstream string) (http.Handler, error) {
	to, err := url.Parse(upstream)
	if err != nil {
		return nil, err
	}
	if to.Host == "" {
		return nil, errors.New("the proxy was not told of its upstream")
	}
	relay := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		FlushInterval: -1,
		Transport:     transport(),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Without this the server closes the request's body at the first write of
		// the response; the transport, which may be about to see the body's end,
		// takes that for an error and cuts the answer. A provider as quick as
		// ours meets that within a dozen requests.
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		relay.ServeHTTP(w, r)
	}), nil
}

// transport keeps as many idle connections as there are streams.
func transport() *http.Transport {
	return &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 4096, DisableCompression: true}
}
