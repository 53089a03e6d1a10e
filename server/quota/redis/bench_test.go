package redis_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/quota/redis"
	"github.com/aichat-term/aichat/server/quota/redis/redistest"
)

// BenchmarkEnter is what rates in Redis add to the beginning of a turn.
func BenchmarkEnter(b *testing.B) {
	r, err := redis.Open(redis.Options{URL: redistest.URL(b), Prefix: redistest.Prefix(), Timeout: patience})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(r.Close)
	p := r.Pacer("bench", quota.NewPaces(nil))
	rates := quota.Rates{RequestsPerMinute: 1 << 40, TokensPerMinute: 1 << 40, Streams: 1 << 20}
	b.ReportAllocs()
	for b.Loop() {
		pass, err := p.Enter(b.Context(), ann, rates, 100)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		pass.Leave(100)
		b.StartTimer()
	}
}
