package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/bench/stub"
	"github.com/aichat-term/aichat/bench/subject"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oneshot:", err)
		os.Exit(1)
	}
}

type options struct {
	bin     string
	runs    int
	firsts  int
	profile stub.Profile
	json    bool
}

func run(ctx context.Context, args []string) error {
	if subject.Role() != "" {
		return subject.Serve(stub.Handler(nil))
	}
	o := options{profile: stub.Profile{Kind: stub.Stamps, Size: 48}}
	f := flag.NewFlagSet("oneshot", flag.ContinueOnError)
	f.StringVar(&o.bin, "bin", "bin", "the folder that holds both programs")
	f.IntVar(&o.runs, "runs", 30, "how often each command is run")
	f.IntVar(&o.firsts, "firsts", 7, "how often the first ask is")
	f.IntVar(&o.profile.Deltas, "deltas", 20, "deltas in the answer")
	f.DurationVar(&o.profile.Gap, "gap", 0, "time between two deltas")
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	if err := f.Parse(args); err != nil {
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

func measure(ctx context.Context, o options) (report *Report, err error) {
	programs, err := subject.FindPrograms(o.bin)
	if err != nil {
		return nil, err
	}
	provider, err := subject.StartRole(ctx, "stub")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, provider.Stop()) }()

	report = &Report{}
	if report.Load, err = proc.Load(); err != nil {
		return nil, err
	}
	info, err := os.Stat(programs.Client)
	if err != nil {
		return nil, err
	}
	report.BinaryMB = float64(info.Size()) / 1e6

	b := bench{options: o, programs: programs, provider: provider}
	if err := b.warm(ctx, report); err != nil {
		return nil, err
	}
	if err := b.cold(ctx, report); err != nil {
		return nil, err
	}
	return report, nil
}
