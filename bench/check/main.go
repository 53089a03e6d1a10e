package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/aichat-term/aichat/bench/proc"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

// figure is something measured and the most it may be.
type figure struct {
	name     string
	measured float64
	most     float64 // unbound: it is there for comparison
	unit     string
}

// unbound is the bound of what has none.
var unbound = math.Inf(1)

func (f figure) met() bool { return f.measured <= f.most }

func (f figure) bound() string {
	if f.most == unbound {
		return ""
	}
	return fmt.Sprintf("%.2f", f.most)
}

func (f figure) verdict() string {
	switch {
	case f.most == unbound:
		return ""
	case f.met():
		return "ok"
	}
	return "MISSED"
}

// A section measures what goes together.
type section struct {
	name    string
	measure func(context.Context) ([]figure, error)
}

func sections() []section {
	return []section{
		{"oneshot", oneshot},
		{"relay", relay},
		{"tui", terminal},
		{"render", render},
		{"store", store},
		{"quota", quota},
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("check", flag.ContinueOnError)
	only := f.String("only", "", "sections to measure, separated by commas: oneshot, relay, tui, render, store, quota")
	if err := f.Parse(args); err != nil {
		return err
	}
	load, err := proc.Load()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "load average before: %.2f%s\n", load, noisy(load))

	var figures []figure
	var failures []error
	for _, s := range sections() {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), s.name) {
			continue
		}
		fmt.Fprintf(out, "measuring %s ...\n", s.name)
		got, err := s.measure(ctx)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.name, err))
		}
		figures = append(figures, got...)
	}
	if err := table(out, figures); err != nil {
		return err
	}
	if n := missed(figures); n > 0 {
		failures = append(failures, fmt.Errorf("%d of %d bounds are missed", n, len(figures)))
	}
	return errors.Join(failures...)
}

func noisy(load float64) string {
	if load < 0.5 {
		return ""
	}
	return " (something else runs: expect worse figures than the machine can do)"
}

func missed(figures []figure) (n int) {
	for _, f := range figures {
		if !f.met() {
			n++
		}
	}
	return n
}

func table(out io.Writer, figures []figure) error {
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tmeasured\tbound\tunit\t\t")
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%.2f\t%s\t%s\t%s\t\n", f.name, f.measured, f.bound(), f.unit, f.verdict())
	}
	return w.Flush()
}
