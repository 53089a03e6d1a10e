package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// stopped is the cause of a context that a signal ended.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped by " + s.signal.String() }

// status is the exit status that says which signal it was, as shells do it.
func (s stopped) status() int {
	if n, ok := s.signal.(syscall.Signal); ok {
		return exitSignal + int(n)
	}
	return exitFailed
}

// interruptible returns a context that ends with a stopped cause at the first
// interrupt or termination. A second one calls exit at once: whoever presses
// ctrl+c twice does not want to wait for a tidy end.
//
// It also takes SIGPIPE away from the runtime, which would end the process at
// the first write to a closed stdout: the write fails with EPIPE instead, and
// the command can cancel what it began. Signals are caught, never ignored, so
// that programs started from here get the defaults.
func interruptible(parent context.Context, exit func(int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, append([]os.Signal{os.Interrupt, syscall.SIGTERM}, pipeSignals...)...)
	go func() {
		for s := range signals {
			switch {
			case isPipe(s):
			case ctx.Err() != nil:
				exit(stopped{s}.status())
			default:
				cancel(stopped{s})
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

func isPipe(s os.Signal) bool { return slices.Contains(pipeSignals, s) }
