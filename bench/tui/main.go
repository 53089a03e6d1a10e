package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/bench/stub"
	"github.com/aichat-term/aichat/bench/subject"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tui:", err)
		os.Exit(1)
	}
}

type options struct {
	bin     string
	starts  int
	keys    int
	idle    time.Duration
	profile stub.Profile
	quit    string
	json    bool
}

func run(ctx context.Context, args []string) error {
	o := options{profile: stub.Profile{Kind: stub.Markdown}}
	var quit string
	f := flag.NewFlagSet("tui", flag.ContinueOnError)
	f.StringVar(&o.bin, "bin", "bin", "the folder that holds both programs")
	f.IntVar(&o.starts, "starts", 7, "how often the program is started")
	f.IntVar(&o.keys, "keys", 150, "keys typed while nothing else happens")
	f.DurationVar(&o.idle, "idle", 10*time.Second, "how long to watch it do nothing")
	f.IntVar(&o.profile.Deltas, "deltas", 2000, "deltas in the answer")
	f.IntVar(&o.profile.Size, "size", 20, "bytes in a delta")
	f.DurationVar(&o.profile.Gap, "gap", 5*time.Millisecond, "time between two deltas")
	f.StringVar(&quit, "quit", `\x03\x03`, "the keys that end the program, in Go's quoting")
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	if err := f.Parse(args); err != nil {
		return err
	}
	var err error
	if o.quit, err = strconv.Unquote(`"` + quit + `"`); err != nil {
		return fmt.Errorf("-quit %s: %w", quit, err)
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

func measure(ctx context.Context, o options) (r *Report, err error) {
	programs, err := subject.FindPrograms(o.bin)
	if err != nil {
		return nil, err
	}
	sent := newSentTimes(o.profile)
	provider := httptest.NewServer(stub.Handler(sent.note))
	defer provider.Close()
	home, err := subject.NewHome()
	if err != nil {
		return nil, err
	}
	home.OpenAI(provider.URL)
	home.Extra = append(home.Extra, "AICHAT_CHAT_MODEL=openai/"+o.profile.Model())
	defer func() { err = errors.Join(err, home.StopLocal(context.WithoutCancel(ctx)), home.Remove()) }()

	r = &Report{}
	if r.Load, err = proc.Load(); err != nil {
		return nil, err
	}
	s := scene{options: o, report: r, sent: sent, home: home, programs: programs}
	for range o.starts {
		if err := s.startAndQuit(ctx); err != nil {
			return nil, err
		}
	}
	return r, s.use(ctx)
}
