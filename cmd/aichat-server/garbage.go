package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much garbage may gather before it is collected, where Go's default lets the
// heap double. Of a large heap it is less than half: thousands of streams hold little
// each, so what lies between is most of the memory, and collecting is cheap where
// there is little to look at. A small one would be collected every few questions
// then, each of which would wait for it: so it may come to garbageLeast.
const (
	garbagePercent = 45
	garbageLeast   = 16 << 20 // bytes
)

// limitGarbage keeps to that from now on, unless GOGC says otherwise.
func limitGarbage() {
	if os.Getenv("GOGC") == "" {
		new(garbage).collected()
	}
}

// garbage is told of every collection, by being collected itself.
type garbage struct {
	percent int
	live    [1]metrics.Sample
}

// collected sets the next goal by what this collection found alive.
func (g *garbage) collected() {
	g.live[0].Name = "/gc/heap/live:bytes"
	metrics.Read(g.live[:])
	if percent := goal(g.live[0].Value.Uint64()); percent != g.percent { // setting it stops the world for a moment
		g.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.SetFinalizer(g, (*garbage).collected)
}

// goal is the percentage for a heap of so many bytes, in coarse steps.
func goal(live uint64) int {
	const steps, most = 25, 400
	percent := min(garbageLeast*100/max(live, 1), most)
	return max(int(percent/steps*steps), garbagePercent)
}
