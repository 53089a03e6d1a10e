package anthropic_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/aichat-term/aichat/server/provider/anthropic/anthropictest"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	providertest.Run(t, anthropictest.Vendor())
}

func BenchmarkStream(b *testing.B) { providertest.Benchmark(b, anthropictest.Vendor()) }

func FuzzStream(f *testing.F) { providertest.Fuzz(f, anthropictest.Vendor()) }
