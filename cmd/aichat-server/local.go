package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/server"
)

func newLocal() *cobra.Command {
	var o server.LocalOptions
	var logFile string
	cmd := &cobra.Command{
		Use:   "local --socket PATH --database FILE",
		Short: "Serve this user's own machine over a Unix socket",
		Long: `local is what "aichat" starts by itself when no server is configured. It serves
the owner of the socket, who needs no token, prints the line "ready" once it
accepts connections, and exits when nothing has been asked for a while.

The socket's folder must belong to you and have mode 0700. Where a local server
runs already it says so and exits with status 0.`,
		Example: "  aichat-server local --socket /run/user/1000/aichat/local.sock --database a.db",
		Args:    wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Socket == "" || o.Database == "" {
				return &usageError{errors.New("local needs --socket and --database; see aichat-server local --help")}
			}
			log, closeLog, err := openLog(logFile, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			defer closeLog()
			o.Logger = log
			o.Announce = cmd.OutOrStdout()
			// Started by a terminal, it outlives the terminal and whoever read
			// its first line.
			signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
			err = server.Local(cmd.Context(), o)
			if errors.Is(err, server.ErrAlreadyRunning) {
				_, err = fmt.Fprintln(cmd.ErrOrStderr(), "already running")
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Socket, "socket", "", "absolute `path` of the Unix socket")
	flags.StringVar(&o.Database, "database", "", "`path` of the SQLite file")
	flags.DurationVar(&o.Idle, "idle", 15*time.Minute, "exit when nothing has been asked for so long; 0 never")
	flags.DurationVar(&o.Grace, "grace", 5*time.Second, "how long running turns may take to end when told to stop")
	flags.DurationVar(&o.Patience, "patience", 20*time.Second, "how long an overloaded provider may ask to be waited for")
	flags.StringVar(&logFile, "log", "", "append the log to this `file` instead of writing it to stderr")
	return cmd
}

// largestLog is the size beyond which a log is put aside as FILE.old.
const largestLog = 8 << 20

// openLog opens the log's file, or writes to stderr where there is none.
func openLog(path string, stderr io.Writer) (*slog.Logger, func(), error) {
	if path == "" {
		return slog.New(slog.NewTextHandler(stderr, nil)), func() {}, nil
	}
	if info, err := os.Stat(path); err == nil && info.Size() > largestLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, nil, fmt.Errorf("put the old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return slog.New(slog.NewTextHandler(f, nil)), func() { _ = f.Close() }, nil
}
