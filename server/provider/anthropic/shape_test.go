package anthropic

import (
	"testing"

	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/upstreamtest"
)

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"type":null,"delta":{"text":"a"},"delta":{"text":null,"type":"x"},"usage":null}`))
	upstreamtest.FuzzShape(f, "anthropictest/testdata/*.sse", func() upstream.Shape { return new(event) })
}

func TestADeltaCostsOneString(t *testing.T) {
	for _, delta := range []string{`"type":"text_delta","text":"two words"`, `"type":"thinking_delta","thinking":"two words\n"`, `"type":"input_json_delta","partial_json":"{\"two\""`} {
		upstreamtest.OneAllocation(t, new(event), `{"type":"content_block_delta","index":1,"delta":{`+delta+`}}`)
	}
}
