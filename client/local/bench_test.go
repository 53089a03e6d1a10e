package local_test

import (
	"testing"
)

func BenchmarkWarm(b *testing.B) {
	d := home(b)
	ask(b, transport(b, d, "1.0.0"))
	b.Run("command", func(b *testing.B) { // a new process's first request
		for b.Loop() {
			tr := transport(b, d, "1.0.0")
			ask(b, tr)
			tr.CloseIdleConnections()
		}
	})
	tr := transport(b, d, "1.0.0")
	b.Run("dial", func(b *testing.B) {
		for b.Loop() {
			if !tr.Running(b.Context()) {
				b.Fatal("nobody listens")
			}
		}
	})
	b.Run("request", func(b *testing.B) {
		for b.Loop() {
			ask(b, tr)
		}
	})
}

func BenchmarkColdStart(b *testing.B) {
	for b.Loop() {
		d := home(b)
		tr := transport(b, d, "1.0.0")
		s := ask(b, tr)
		b.StopTimer()
		tr.CloseIdleConnections()
		kill(b, s.PID)
		b.StartTimer()
	}
}
