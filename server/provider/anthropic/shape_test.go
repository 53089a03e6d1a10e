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
