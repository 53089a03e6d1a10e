package signin_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// each runs a benchmark on each database.
func each(b *testing.B, bench func(b *testing.B, w *world)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { bench(b, newWorld(b, sqlitetest.File(b))) })
	b.Run("postgres", func(b *testing.B) { bench(b, newWorld(b, pgtest.URL(b))) })
}

// BenchmarkAuthenticate is what every request pays for being revocable.
func BenchmarkAuthenticate(b *testing.B) {
	each(b, func(b *testing.B, w *world) {
		b.Helper()
		g := w.signIn()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := w.authenticate(g.AccessToken); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func BenchmarkRefresh(b *testing.B) {
	each(b, func(b *testing.B, w *world) {
		b.Helper()
		g := w.signIn()
		for b.Loop() {
			g = w.mustRefresh(g.RefreshToken)
		}
	})
}

// BenchmarkPoll is a poll that has to go on waiting.
func BenchmarkPoll(b *testing.B) {
	each(b, func(b *testing.B, w *world) {
		b.Helper()
		codes := w.begin()
		for b.Loop() {
			if _, err := w.poll(codes); err != nil {
				b.Fatal(err)
			}
		}
	})
}
