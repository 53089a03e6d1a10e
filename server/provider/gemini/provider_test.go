package gemini_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/aichat-term/aichat/server/provider/gemini/geminitest"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	providertest.Run(t, geminitest.Vendor())
}

func BenchmarkStream(b *testing.B) { providertest.Benchmark(b, geminitest.Vendor()) }

func FuzzStream(f *testing.F) { providertest.Fuzz(f, geminitest.Vendor()) }
