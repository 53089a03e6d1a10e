//go:build unix

package job_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// polls are the intervals worth comparing; 500 ms is the one that is used.
var polls = []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, time.Second}

func benchOnBoth(b *testing.B, bench func(b *testing.B, q *queue)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) {
		bench(b, made(b, sqlitetest.File(b)))
	})
	b.Run("postgres", func(b *testing.B) {
		bench(b, made(b, pgtest.URL(b)))
	})
}

// How long a letter waits from its commit to the hands of the sender.
func BenchmarkPickup(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, q *queue) {
		for _, poll := range polls {
			b.Run(fmt.Sprint(poll), func(b *testing.B) {
				sent := make(chan struct{})
				p := &post{answer: func(mail.Message) error { sent <- struct{}{}; return nil }}
				r := q.run(b, p, func(o *job.Options) { o.Now, o.Poll = clock, poll })
				for n := 0; b.Loop(); n++ {
					q.add(b, q.db, code(n), 25)
					<-sent
				}
				b.StopTimer()
				if err := r.Stop(context.Background()); err != nil {
					b.Fatal(err)
				}
			})
		}
	})
}

// What it costs that nothing is to be done: processor time of this process, in
// thousandths of a core. Run it with -benchtime=20x: each round is a second.
func BenchmarkIdle(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, q *queue) {
		for _, poll := range polls {
			b.Run(fmt.Sprint(poll), func(b *testing.B) {
				r := q.run(b, &post{}, func(o *job.Options) { o.Poll = poll })
				tick := time.NewTicker(time.Second)
				defer tick.Stop()
				<-tick.C // what is done once at the start
				before, began := used(b), time.Now()
				for b.Loop() {
					<-tick.C
				}
				b.ReportMetric(float64(used(b)-before)/float64(time.Since(began))*1000, "mcores")
				b.StopTimer()
				if err := r.Stop(context.Background()); err != nil {
					b.Fatal(err)
				}
			})
		}
	})
}

// used is the processor time of this process so far.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
