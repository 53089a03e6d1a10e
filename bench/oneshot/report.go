package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/aichat-term/aichat/bench/stat"
)

// Report is what was measured.
type Report struct {
	Load     float64   `json:"load"` // the machine's, before
	BinaryMB float64   `json:"binary_mb"`
	Commands []*Figure `json:"commands"`
}

// Figure is what a command was like: medians, and the time that nine runs of
// ten do not exceed.
type Figure struct {
	Name  string  `json:"name"`
	Wall  float64 `json:"wall_ms"`
	Wall9 float64 `json:"wall_p90_ms"`
	First float64 `json:"first_byte_ms"`
	CPU   float64 `json:"cpu_ms"`
	RSS   float64 `json:"rss_mib"`

	samples []sample
}

func (r *Report) add(name string, s sample) {
	f := r.figure(name)
	f.samples = append(f.samples, s)
	times := func(field func(sample) time.Duration, q float64) float64 {
		values := make([]time.Duration, 0, len(f.samples))
		for _, s := range f.samples {
			values = append(values, field(s))
		}
		return stat.Millis(stat.Quantile(values, q))
	}
	wall := func(s sample) time.Duration { return s.wall }
	f.Wall, f.Wall9 = times(wall, 0.5), times(wall, 0.9)
	f.First = times(func(s sample) time.Duration { return s.first }, 0.5)
	f.CPU = times(func(s sample) time.Duration { return s.cpu }, 0.5)
	f.RSS = float64(s.rss) / (1 << 20)
}

func (r *Report) figure(name string) *Figure {
	for _, f := range r.Commands {
		if f.Name == name {
			return f
		}
	}
	f := &Figure{Name: name}
	r.Commands = append(r.Commands, f)
	return f
}

func (r *Report) print(out io.Writer) error {
	fmt.Fprintf(out, "One-shot commands; load average before: %.2f; the client's binary: %.1f MB\n\n", r.Load, r.BinaryMB)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\truns\twall ms\tp90\tfirst byte ms\tCPU ms\tpeak RSS MiB\t")
	for _, f := range r.Commands {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t\n",
			f.Name, len(f.samples), f.Wall, f.Wall9, f.First, f.CPU, f.RSS)
	}
	return w.Flush()
}
