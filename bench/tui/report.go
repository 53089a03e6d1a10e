package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/aichat-term/aichat/bench/stat"
)

// Report is what was measured.
type Report struct {
	Load   float64 // the machine's, before
	Idle   Cost
	Stream Cost

	// MarksMissed is how many marks of the answer were never drawn.
	MarksMissed int

	starts, exits, idleKeys, streamKeys, lags []time.Duration
}

// Cost is what the program cost over a time.
type Cost struct {
	CPU    float64 `json:"cpu_percent"` // of one core
	RSS    float64 `json:"rss_mib"`     // at its end
	KBs    float64 `json:"kb_per_s"`    // written to the terminal
	Erases float64 `json:"erases_per_s"`
}

// Quantiles are times in milliseconds.
type Quantiles struct {
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
}

func quantiles(d []time.Duration) Quantiles {
	return Quantiles{
		P50: stat.Millis(stat.Median(d)),
		P95: stat.Millis(stat.Quantile(d, 0.95)),
		P99: stat.Millis(stat.Quantile(d, 0.99)),
	}
}

// MarshalJSON implements json.Marshaler.
func (r *Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"load":         r.Load,
		"takes_keys":   quantiles(r.starts),
		"exit":         quantiles(r.exits),
		"idle":         r.Idle,
		"idle_keys":    quantiles(r.idleKeys),
		"stream":       r.Stream,
		"stream_keys":  quantiles(r.streamKeys),
		"lag":          quantiles(r.lags),
		"marks_missed": r.MarksMissed,
	})
}

func (r *Report) print(out io.Writer) error {
	fmt.Fprintf(out, "Terminal interface, %dx%d; load average before: %.2f\n\n", columns, rows, r.Load)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tp50 ms\tp95\tp99\tsamples\t")
	for _, line := range []struct {
		name    string
		samples []time.Duration
	}{
		{"start to first key on screen", r.starts},
		{"end", r.exits},
		{"key to screen, idle", r.idleKeys},
		{"key to screen, streaming", r.streamKeys},
		{"delta to screen", r.lags},
	} {
		q := quantiles(line.samples)
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%d\t\n", line.name, q.P50, q.P95, q.P99, len(line.samples))
	}
	fmt.Fprintln(w, "\t\t\t\t\t")
	fmt.Fprintln(w, "\tCPU %\tRSS MiB\tKB/s to the terminal\terases/s\t")
	for _, line := range []struct {
		name string
		Cost
	}{{"idle", r.Idle}, {"streaming, typing", r.Stream}} {
		fmt.Fprintf(w, "%s\t%.2f\t%.1f\t%.1f\t%.1f\t\n", line.name, line.CPU, line.RSS, line.KBs, line.Erases)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.MarksMissed > 0 {
		fmt.Fprintf(out, "\n%d marks of the answer were never drawn.\n", r.MarksMissed)
	}
	return nil
}
