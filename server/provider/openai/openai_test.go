package openai_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/provider/openai/openaitest"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func TestChat(t *testing.T) {
	t.Parallel()
	providertest.Run(t, openaitest.Chat())
}

func TestCompatible(t *testing.T) {
	t.Parallel()
	providertest.Run(t, openaitest.Compatible())
}

func TestResponses(t *testing.T) {
	t.Parallel()
	providertest.Run(t, openaitest.Responses())
}

func BenchmarkChat(b *testing.B)      { providertest.Benchmark(b, openaitest.Chat()) }
func BenchmarkResponses(b *testing.B) { providertest.Benchmark(b, openaitest.Responses()) }
