package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/bench/stub"
	"github.com/aichat-term/aichat/bench/subject"
)

// Roles of this program's other processes.
const (
	roleStub  = "stub"
	roleProxy = "proxy"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch subject.Role() {
	case roleStub:
		return subject.Serve(stub.Handler(nil))
	case roleProxy:
		h, err := proxy(args[0])
		if err != nil {
			return err
		}
		return subject.Serve(h)
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	report, err := measure(ctx, o)
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	return report.print(os.Stdout)
}

type options struct {
	bin      string
	streams  numbers
	runs     int
	requests int
	profile  stub.Profile
	ramp     time.Duration
	json     bool
	targets  string
}

func parse(args []string) (options, error) {
	o := options{streams: numbers{1, 100, 500, 1000}, profile: stub.Profile{Kind: stub.Stamps}}
	f := flag.NewFlagSet("relay", flag.ContinueOnError)
	f.StringVar(&o.bin, "bin", "bin", "the folder that holds aichat-server")
	f.Var(&o.streams, "streams", "how many streams at a time, separated by commas")
	f.IntVar(&o.runs, "runs", 3, "how often; the medians are printed")
	f.IntVar(&o.requests, "requests", 200, "requests to an idle server")
	f.IntVar(&o.profile.Deltas, "deltas", 200, "deltas in a stream")
	f.IntVar(&o.profile.Size, "size", 48, "bytes in a delta")
	f.DurationVar(&o.profile.Gap, "gap", 20*time.Millisecond, "time between two deltas of a stream")
	f.DurationVar(&o.ramp, "ramp", time.Second, "time over which the streams begin; at most half of a stream's length")
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	f.StringVar(&o.targets, "targets", "none,proxy,aichat", "what to measure, separated by commas")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, n := range o.streams {
		if n < 1 {
			return o, errNoStreams
		}
	}
	o.ramp = min(o.ramp, time.Duration(o.profile.Deltas)*o.profile.Gap/2)
	return o, nil
}

// measure takes turns between what is compared, so that a busy minute of the
// machine falls on all alike.
func measure(ctx context.Context, o options) (*Report, error) {
	provider, err := subject.StartRole(ctx, roleStub)
	if err != nil {
		return nil, err
	}
	defer func() { _ = provider.Stop() }()
	starters, err := o.starters(provider)
	if err != nil {
		return nil, err
	}

	report := newReport(o)
	if report.Load, err = proc.Load(); err != nil {
		return nil, err
	}
	for range o.runs {
		for _, n := range append(numbers{0}, o.streams...) {
			for _, start := range starters {
				if err := report.once(ctx, o, start, n); err != nil {
					return nil, err
				}
			}
		}
	}
	return report, nil
}

// starter starts a target afresh, so that no run's memory hides another's;
// what it returns last stops it.
type starter func(context.Context) (target, func() error, error)

func (o options) starters(provider *subject.Process) ([]starter, error) {
	var starters []starter
	for name := range strings.SplitSeq(o.targets, ",") {
		switch name {
		case "none":
			starters = append(starters, startNone(provider))
		case "proxy":
			starters = append(starters, startProxy(provider))
		case "aichat":
			programs, err := subject.FindPrograms(o.bin)
			if err != nil {
				return nil, err
			}
			starters = append(starters, startAichat(programs, provider))
		default:
			return nil, fmt.Errorf("there is no target %q: it is none, proxy or aichat", name)
		}
	}
	return starters, nil
}

func startNone(provider *subject.Process) starter {
	return func(context.Context) (target, func() error, error) {
		t := openAI("no relay", provider)
		t.pid = 0
		return t, func() error { return nil }, nil
	}
}

func startProxy(provider *subject.Process) starter {
	return func(ctx context.Context) (target, func() error, error) {
		p, err := subject.StartRole(ctx, roleProxy, provider.URL)
		if err != nil {
			return target{}, nil, err
		}
		return openAI("ReverseProxy", p), p.Stop, nil
	}
}

func startAichat(programs subject.Programs, provider *subject.Process) starter {
	return func(ctx context.Context) (target, func() error, error) {
		home, err := subject.NewHome()
		if err != nil {
			return target{}, nil, err
		}
		home.OpenAI(provider.URL)
		s, err := subject.StartServer(ctx, programs, home)
		if err != nil {
			_ = home.Remove() // err says more
			return target{}, nil, err
		}
		return aichat(s), func() error { return errors.Join(s.Stop(), home.Remove()) }, nil
	}
}

// warm is how many short requests a fresh process gets before it counts.
const warm = 30

// once measures one target once: idle where n is zero.
func (r *Report) once(ctx context.Context, o options, start starter, n int) (err error) {
	t, stop, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if stopped := stop(); err == nil {
			err = stopped
		}
	}()
	if _, err := idle(ctx, t, warm); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	if n == 0 {
		firsts, err := idle(ctx, t, o.requests)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		r.addIdle(t.name, firsts)
		return nil
	}
	l, err := loaded(ctx, t, o.profile, n, o.ramp)
	if err != nil {
		return err
	}
	r.addLoaded(t.name, l)
	return nil
}
