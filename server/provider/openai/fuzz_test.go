package openai_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// FuzzStream: whatever a server sends, the events keep their contract and the
// end is either a complete answer's or a fault.
func FuzzStream(f *testing.F) {
	recordings, err := filepath.Glob("openaitest/testdata/*.sse")
	if err != nil || len(recordings) == 0 {
		f.Fatalf("no recordings: %v", err)
	}
	for _, name := range recordings {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add(`data: {"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"name":"a"}},{"index":0,"function":{"arguments":"{"}}]}}]}` + "\n\n")
	f.Add("event: response.output_item.done\ndata: {\"output_index\":-1,\"item\":{\"type\":\"function_call\",\"arguments\":\"x\"}}\n\n")
	f.Fuzz(func(t *testing.T, stream string) {
		options := openai.Options{HTTP: &http.Client{Transport: &wire{stream: stream}}}
		for _, p := range []provider.Provider{openai.NewChat(options), openai.NewResponses(options)} {
			s, err := p.Stream(t.Context(), provider.Endpoint{Provider: "x"}, &provider.Request{Model: "m"})
			if err != nil {
				t.Fatal(err)
			}
			r := providertest.Read(t, s)
			if _, ok := errors.AsType[*fault.Error](r.Err); r.Err != nil && !ok {
				t.Errorf("%v is no fault", r.Err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
