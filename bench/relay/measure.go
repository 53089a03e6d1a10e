package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/bench/stat"
	"github.com/aichat-term/aichat/bench/stub"
)

// Idle is the time to the first token where nothing else goes on.
type Idle struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

// Loaded is what N streams cost.
type Loaded struct {
	Streams int     `json:"streams"`
	First50 float64 `json:"ttft_p50_ms"`
	First99 float64 `json:"ttft_p99_ms"`
	Lag50   float64 `json:"lag_p50_ms"`
	Lag99   float64 `json:"lag_p99_ms"`
	Rate    float64 `json:"deltas_per_s"`

	// CPU is in seconds for 100 000 deltas, KiB the memory for each stream held;
	// both zero where nothing stands between.
	CPU float64 `json:"cpu_s_per_100k"`
	KiB float64 `json:"kib_per_stream"`
}

// idle asks one request after the other over a connection that is kept.
func idle(ctx context.Context, t target, requests int) ([]time.Duration, error) {
	client := &http.Client{Transport: transport()}
	defer client.CloseIdleConnections()
	short := stub.Profile{Kind: stub.Stamps, Deltas: 3, Size: 48}
	firsts := make([]time.Duration, 0, requests)
	for range requests {
		h := listen(ctx, client, t, short)
		if h.err != nil {
			return nil, h.err
		}
		firsts = append(firsts, h.first)
	}
	return firsts, nil
}

// afterwards is how long the process is watched beyond the last stream: work that
// it puts off counts too.
const afterwards = 2 * time.Second

// loaded drives n streams and watches the relay's process meanwhile.
func loaded(ctx context.Context, t target, p stub.Profile, n int, ramp time.Duration) (Loaded, error) {
	watch, err := watchProcess(ctx, t.pid, ramp, time.Duration(p.Deltas)*p.Gap)
	if err != nil {
		return Loaded{}, err
	}
	began := time.Now()
	all, err := drive(ctx, t, p, n, ramp)
	if err != nil {
		return Loaded{}, err
	}
	took := time.Since(began)
	if err := until(ctx, time.Now().Add(afterwards)); err != nil {
		return Loaded{}, err
	}
	cpu, grown, err := watch.end()
	if err != nil {
		return Loaded{}, err
	}

	deltas := n * p.Deltas
	firsts := make([]time.Duration, 0, n)
	lags := make([]time.Duration, 0, deltas)
	for _, h := range all {
		firsts = append(firsts, h.first)
		lags = append(lags, h.lag...)
	}
	return Loaded{
		Streams: n,
		First50: stat.Millis(stat.Median(firsts)), First99: stat.Millis(stat.Quantile(firsts, 0.99)),
		Lag50: stat.Millis(stat.Median(lags)), Lag99: stat.Millis(stat.Quantile(lags, 0.99)),
		Rate: float64(deltas) / took.Seconds(),
		CPU:  cpu.Seconds() / float64(deltas) * 100_000,
		KiB:  float64(grown) / 1024 / float64(n),
	}, nil
}

// watcher samples a process while streams run through it.
type watcher struct {
	pid     int
	cpu     time.Duration
	rss     int64
	samples chan []int64
	cancel  context.CancelFunc
}

// watchProcess begins. The memory counts while all streams are held: from the
// end of the ramp to the first stream's end.
func watchProcess(ctx context.Context, pid int, ramp, length time.Duration) (*watcher, error) {
	w := &watcher{pid: pid, samples: make(chan []int64, 1), cancel: func() {}}
	if pid == 0 {
		return w, nil
	}
	var err error
	if w.cpu, err = proc.CPU(pid); err != nil {
		return nil, err
	}
	if w.rss, err = proc.RSS(pid); err != nil {
		return nil, err
	}
	ctx, w.cancel = context.WithCancel(ctx)
	began := time.Now()
	go func() { w.samples <- sample(ctx, pid, began.Add(ramp), began.Add(length)) }()
	return w, nil
}

func sample(ctx context.Context, pid int, from, to time.Time) (samples []int64) {
	if until(ctx, from) != nil {
		return nil
	}
	for time.Now().Before(to) {
		if rss, err := proc.RSS(pid); err == nil {
			samples = append(samples, rss)
		}
		if until(ctx, time.Now().Add(50*time.Millisecond)) != nil {
			return samples
		}
	}
	return samples
}

// end is the CPU time since the beginning and the bytes grown by.
func (w *watcher) end() (cpu time.Duration, grown int64, err error) {
	w.cancel()
	if w.pid == 0 {
		return 0, 0, nil
	}
	if cpu, err = proc.CPU(w.pid); err != nil {
		return 0, 0, err
	}
	return cpu - w.cpu, max(0, stat.Median(<-w.samples)-w.rss), nil
}
