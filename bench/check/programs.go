package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// program runs one of bench's programs and reads the JSON object it prints.
func program(ctx context.Context, into any, name string, args ...string) error {
	out, err := output(ctx, append([]string{"run", "./bench/" + name, "-json"}, args...)...)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// output is what the go command prints.
func output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	// An interrupt reaches the whole process group: it ends by itself.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %v: %w: %s%s", args, err, out, said.Bytes())
	}
	return out, nil
}

// oneshotReport is what bench/oneshot tells.
type oneshotReport struct {
	BinaryMB float64 `json:"binary_mb"`
	Commands []struct {
		Name string  `json:"name"`
		Wall float64 `json:"wall_ms"`
	} `json:"commands"`
}

func oneshot(ctx context.Context) ([]figure, error) {
	var r oneshotReport
	if err := program(ctx, &r, "oneshot"); err != nil {
		return nil, err
	}
	return r.figures()
}

// referenceCurl is how many milliseconds curl took on the machine on which the
// bounds of the commands were set.
const referenceCurl = 5.5

// figures are the commands beside their bounds.
//
// Most of what a short command takes is the system's: making a process, mapping
// a binary, scheduling. A machine or a virtual one that takes twice as long for
// curl does so for any program, and says nothing of ours. So curl is measured in
// the same run, in turns with the commands, and the bounds of `version` and
// `ask` hold in its proportion: 15 and 20 ms where curl takes 5.5, so 2.7 and
// 3.6 times curl where it takes longer. Where it takes less they stay as they
// are stated: the work that is ours is not asked to shrink with the machine.
func (r oneshotReport) figures() ([]figure, error) {
	wall := map[string]float64{}
	for _, c := range r.Commands {
		wall[c.Name] = c.Wall
	}
	slower := max(1, wall["curl"]/referenceCurl)
	figures := []figure{
		{"client binary, stripped", r.BinaryMB, 20, "MB"},
		{"curl", wall["curl"], unbound, "ms"},
		{"aichat version", wall["aichat version"], 15 * slower, "ms"},
		{"aichat ask", wall["aichat ask"], 20 * slower, "ms"},
		{"first ask, no server", wall["first ask, no server"], 300, "ms"},
		{"first ask ever", wall["first ask ever"], 300, "ms"},
	}
	for _, f := range figures {
		if f.measured <= 0 {
			return nil, fmt.Errorf("bench/oneshot did not measure %s", f.name)
		}
	}
	return figures, nil
}

// relayTarget is what bench/relay tells of a target.
type relayTarget struct {
	Name string `json:"name"`
	Idle struct {
		P50 float64 `json:"p50_ms"`
	} `json:"idle"`
	Loaded []struct {
		CPU float64 `json:"cpu_s_per_100k"`
		KiB float64 `json:"kib_per_stream"`
	} `json:"loaded"`
}

func relay(ctx context.Context) ([]figure, error) {
	var r struct {
		Targets []relayTarget `json:"targets"`
	}
	if err := program(ctx, &r, "relay", "-targets", "proxy,aichat", "-streams", "1000", "-runs", "3"); err != nil {
		return nil, err
	}
	if len(r.Targets) != 2 || len(r.Targets[0].Loaded) != 1 || len(r.Targets[1].Loaded) != 1 {
		return nil, errors.New("bench/relay did not measure both")
	}
	proxy, ours := r.Targets[0], r.Targets[1]
	return []figure{
		{"relay: idle TTFT beyond ReverseProxy's", ours.Idle.P50 - proxy.Idle.P50, 1, "ms"},
		{"relay: CPU at 1 000 streams, of ReverseProxy's", ours.Loaded[0].CPU / proxy.Loaded[0].CPU, 1.3, "times"},
		// The bound is what the proxy needed when it was set, not what it needs
		// on the day.
		{"relay: memory of a held stream", ours.Loaded[0].KiB, 59, "KiB"},
	}, nil
}

func terminal(ctx context.Context) ([]figure, error) {
	type quantiles struct {
		P50 float64 `json:"p50_ms"`
		P95 float64 `json:"p95_ms"`
		P99 float64 `json:"p99_ms"`
	}
	type cost struct {
		CPU float64 `json:"cpu_percent"`
		RSS float64 `json:"rss_mib"`
		KBs float64 `json:"kb_per_s"`
	}
	var r struct {
		Starts     quantiles `json:"takes_keys"`
		Exits      quantiles `json:"exit"`
		Idle       cost      `json:"idle"`
		IdleKeys   quantiles `json:"idle_keys"`
		Stream     cost      `json:"stream"`
		StreamKeys quantiles `json:"stream_keys"`
		Lag        quantiles `json:"lag"`
	}
	if err := program(ctx, &r, "tui"); err != nil {
		return nil, err
	}
	return []figure{
		{"tui: takes keys", r.Starts.P50, 100, "ms"},
		{"tui: ends", r.Exits.P50, 50, "ms"},
		{"tui: idle CPU", r.Idle.CPU, 0.3, "% of a core"},
		{"tui: memory, idle", r.Idle.RSS, 40, "MiB"},
		{"tui: key to screen, idle, p50", r.IdleKeys.P50, 4, "ms"},
		{"tui: key to screen, idle, p99", r.IdleKeys.P99, 10, "ms"},
		{"tui: key to screen, streaming, p50", r.StreamKeys.P50, 6, "ms"},
		{"tui: key to screen, streaming, p99", r.StreamKeys.P99, 20, "ms"},
		{"tui: CPU, streaming and typing", r.Stream.CPU, 30, "% of a core"},
		{"tui: memory, streaming", r.Stream.RSS, 60, "MiB"},
		{"tui: to the terminal, streaming", r.Stream.KBs, 30, "KB/s"},
		{"tui: delta to screen, p95", r.Lag.P95, 40, "ms"},
	}, nil
}
