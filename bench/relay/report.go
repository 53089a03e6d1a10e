package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/aichat-term/aichat/bench/stat"
)

// Report is what was measured, of each target in the order of measuring.
type Report struct {
	Load    float64   `json:"load"` // the machine's, before
	Runs    int       `json:"runs"`
	Profile string    `json:"profile"`
	Targets []*Target `json:"targets"`
}

// Target is what one target was like: medians of the runs.
type Target struct {
	Name   string   `json:"name"`
	Idle   Idle     `json:"idle"`
	Loaded []Loaded `json:"loaded"`

	idle   []Idle
	loaded map[int][]Loaded
}

func newReport(o options) *Report { return &Report{Runs: o.runs, Profile: o.profile.Model()} }

func (r *Report) target(name string) *Target {
	for _, t := range r.Targets {
		if t.Name == name {
			return t
		}
	}
	t := &Target{Name: name, loaded: map[int][]Loaded{}}
	r.Targets = append(r.Targets, t)
	return t
}

func (r *Report) addIdle(name string, firsts []time.Duration) {
	t := r.target(name)
	t.idle = append(t.idle, Idle{P50: stat.Millis(stat.Median(firsts)), P99: stat.Millis(stat.Quantile(firsts, 0.99))})
	t.Idle = Idle{
		P50: medianOf(t.idle, func(i Idle) float64 { return i.P50 }),
		P99: medianOf(t.idle, func(i Idle) float64 { return i.P99 }),
	}
}

func (r *Report) addLoaded(name string, l Loaded) {
	t := r.target(name)
	t.loaded[l.Streams] = append(t.loaded[l.Streams], l)
	m := medianLoaded(t.loaded[l.Streams])
	at := slices.IndexFunc(t.Loaded, func(o Loaded) bool { return o.Streams == l.Streams })
	if at < 0 {
		t.Loaded = append(t.Loaded, m)
		return
	}
	t.Loaded[at] = m
}

func medianLoaded(runs []Loaded) Loaded {
	of := func(field func(Loaded) float64) float64 { return medianOf(runs, field) }
	return Loaded{
		Streams: runs[0].Streams,
		First50: of(func(l Loaded) float64 { return l.First50 }),
		First99: of(func(l Loaded) float64 { return l.First99 }),
		Lag50:   of(func(l Loaded) float64 { return l.Lag50 }),
		Lag99:   of(func(l Loaded) float64 { return l.Lag99 }),
		Rate:    of(func(l Loaded) float64 { return l.Rate }),
		CPU:     of(func(l Loaded) float64 { return l.CPU }),
		KiB:     of(func(l Loaded) float64 { return l.KiB }),
	}
}

func medianOf[T any](runs []T, field func(T) float64) float64 {
	values := make([]float64, 0, len(runs))
	for _, r := range runs {
		values = append(values, field(r))
	}
	return stat.Median(values)
}

func (r *Report) print(out io.Writer) error {
	fmt.Fprintf(out, "Relay: answers %s; medians of %d runs; load average before: %.2f\n\n", r.Profile, r.Runs, r.Load)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "streams\t\tTTFT p50\tp99 ms\tlag p50\tp99 ms\tdeltas/s\tCPU s/100k\tKiB/stream\t")
	for _, t := range r.Targets {
		fmt.Fprintf(w, "idle\t%s\t%.2f\t%.2f\t\t\t\t\t\t\n", t.Name, t.Idle.P50, t.Idle.P99)
	}
	for i := range r.Targets[0].Loaded {
		for _, t := range r.Targets {
			l := t.Loaded[i]
			fmt.Fprintf(w, "%d\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%.2f\t%.0f\t\n",
				l.Streams, t.Name, l.First50, l.First99, l.Lag50, l.Lag99, l.Rate, l.CPU, l.KiB)
		}
	}
	return w.Flush()
}
