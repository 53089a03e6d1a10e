package openai

import (
	"testing"

	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/upstreamtest"
)

const recordings = "openaitest/testdata/*.sse"

func FuzzChatChunk(f *testing.F) {
	for _, chunk := range []string{
		`{"choices":[{"delta":{"content":"a","content":null}}],"choices":[]}`,
		`{"choices":[{"delta":{"tool_calls":[{"index":null,"id":"","function":{"name":"f","arguments":"{\"a\":1}"}}]},"error":false}]}`,
		`{"usage":{"prompt_tokens":1e3},"choices":[null]}`,
		`{"choices":[{"delta":{"reasoning":"\ud83d\u0000"}}],"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":3}},"usage":null,"error":null}`,
	} {
		f.Add([]byte(chunk))
	}
	upstreamtest.FuzzShape(f, recordings, func() upstream.Shape { return new(chatChunk) })
}

func FuzzResponseEvent(f *testing.F) {
	f.Add([]byte(`{"delta":"\ud83d\u0000","output_index":1,"content_index":2,"summary_index":3,"item":null}`))
	upstreamtest.FuzzShape(f, recordings, func() upstream.Shape { return new(responseEvent) })
}

func FuzzResponseHead(f *testing.F) {
	f.Add([]byte(`{"error":{}}`))
	upstreamtest.FuzzShape(f, recordings, func() upstream.Shape { return new(responseHead) })
}

func TestADeltaCostsOneString(t *testing.T) {
	for _, delta := range []string{`"content":"two words"`, `"role":"assistant","reasoning_content":"two words\n","content":null`, `"content":"","reasoning":"two words"`} {
		upstreamtest.OneAllocation(t, new(chatChunk), `{"id":"c","choices":[{"index":0,"delta":{`+delta+`},"finish_reason":null}],"usage":null}`)
	}
	upstreamtest.OneAllocation(t, new(responseEvent), `{"type":"response.output_text.delta","item_id":"i","output_index":1,"content_index":0,"delta":"two words","logprobs":[]}`)
}
