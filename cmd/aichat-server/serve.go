package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/server"
)

func newServe(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API over HTTP, to whoever has a token",
		Long: `serve answers on the address of --listen until it is told to stop: then it
takes no new turns, lets the running ones end within the grace, and exits. A
second signal ends it at once.

With nothing configured it keeps its data in one SQLite file and offers the
models whose keys are in its environment, else the built-in demo.`,
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), s, cmd.ErrOrStderr())
		},
	}
}

func serve(ctx context.Context, s *settings, stderr io.Writer) error {
	c, _, err := s.load(stderr)
	if err != nil {
		return err
	}
	log := newLogger(c, stderr)
	srv, err := server.Open(ctx, c, server.Options{Logger: log, Environment: environment()})
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		_ = srv.Close() // the listener's error is the one to show
		return fmt.Errorf("listen: %w", err)
	}
	log.Info("listening", "url", "http://"+listener.Addr().String(), "docs", "http://"+listener.Addr().String()+"/docs")
	advise(ctx, srv, listener.Addr(), stderr)
	return srv.Serve(ctx, nil, server.Door{Listener: listener})
}

// advise says what an operator would otherwise find out the hard way.
func advise(ctx context.Context, srv *server.Server, addr net.Addr, stderr io.Writer) {
	var lines []string
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		lines = append(lines, "warning: this address can be reached from elsewhere, and plain HTTP shows tokens to whoever listens: put TLS in front of it.")
	}
	if users, err := srv.DB().Identities().Users(ctx); err == nil && len(users) == 0 {
		lines = append(lines,
			"Nobody can sign in yet. Stop the server, then make a user and a token:",
			"  aichat-server users add NAME",
			"  aichat-server users token create NAME")
	}
	if len(lines) > 0 {
		_, _ = fmt.Fprintln(stderr, strings.Join(lines, "\n")) // advice only
	}
}
