package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// A benchmark of a package that has a bound. Its figure is one of the metrics
// that it reports, divided by per.
type benchmark struct {
	figure string
	pkg    string
	name   string // without Benchmark and the number of processors
	metric string // such as ns/op
	per    float64
	most   float64
	unit   string
}

func packages(ctx context.Context, all []benchmark) ([]figure, error) {
	var figures []figure
	for _, b := range all {
		out, err := output(ctx, "test", "-run", "^$", "-bench", pattern(b.name), "-benchtime", "2s", "-timeout", "20m", b.pkg)
		if err != nil {
			return figures, err
		}
		value, err := metric(out, b.name, b.metric)
		if err != nil {
			return figures, fmt.Errorf("%s: %w", b.pkg, err)
		}
		figures = append(figures, figure{b.figure, value / b.per, b.most, b.unit})
	}
	return figures, nil
}

// pattern matches a benchmark and nothing else: go test wants one for each
// level.
func pattern(name string) string {
	levels := strings.Split("Benchmark"+name, "/")
	for i, l := range levels {
		levels[i] = "^" + l + "$"
	}
	return strings.Join(levels, "/")
}

// metric finds what a benchmark reported in go test's output:
//
//	BenchmarkStream/20kB-2   100   12345 ns/op   6.7 µs/delta
func metric(out []byte, name, unit string) (float64, error) {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || bare(fields[0]) != "Benchmark"+name {
			continue
		}
		for i := 3; i < len(fields); i += 2 {
			if fields[i] == unit {
				return strconv.ParseFloat(fields[i-1], 64)
			}
		}
	}
	return 0, fmt.Errorf("no %s was reported by Benchmark%s: %s", unit, name, out)
}

// bare takes the number of processors off a benchmark's name.
func bare(name string) string {
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i]
		}
	}
	return name
}
