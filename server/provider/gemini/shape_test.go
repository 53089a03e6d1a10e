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
