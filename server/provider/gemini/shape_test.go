package gemini

import (
	"testing"

	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/upstreamtest"
)

func FuzzChunk(f *testing.F) {
	f.Add([]byte(`{"candidates":[{"content":{"parts":[{"text":"a","thought":true},{},{"text":"b"}]}}],"usageMetadata":{"promptTokenCount":7},"usageMetadata":null}`))
	f.Add([]byte(`{"candidates":[{},{}],"responseId":null}`))
	upstreamtest.FuzzShape(f, "geminitest/testdata/*.sse", func() upstream.Shape { return new(chunk) })
}

func TestADeltaCostsOneString(t *testing.T) {
	for _, part := range []string{`{"text":"two words"}`, `{"text":"two words\n","thought":true}`} {
		upstreamtest.OneAllocation(t, new(chunk), `{"candidates":[{"content":{"parts":[`+part+`],"role":"model"},"index":0}],`+
			`"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1},"responseId":"r"}`)
	}
}
