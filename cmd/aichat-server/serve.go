package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/store"
)

func newServe(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API over HTTP, to whoever has signed in",
		Long: `serve answers on the address of --listen until it is told to stop: then it
takes no new turns, lets the running ones end within the grace, and exits. A
second signal ends it at once.

With nothing configured it keeps its data in one SQLite file, offers the models
whose keys are in its environment, else the built-in demo, and prints a link
that lets you in. Who else may sign in, and how, is in docs/operating.md.`,
		Args: wrongArgs(cobra.NoArgs),
		Example: `  aichat-server serve
  aichat-server serve --listen 127.0.0.1:9000 --database server.db`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), s, cmd.ErrOrStderr())
		},
	}
}

func serve(ctx context.Context, s *settings, stderr io.Writer) error {
	c, loaded, err := s.loadWarily(stderr)
	if err != nil {
		return err
	}
	log := newLogger(c, stderr)
	limitGarbage()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return listenError(c.Listen, err)
	}
	c.Listen = listener.Addr().String() // the port, where the system chose it
	srv, err := server.Open(ctx, c, server.Options{Logger: log, Environment: environment()})
	switch {
	case err != nil && ctx.Err() != nil:
		log.Info("told to stop before it served", "reason", err)
		return listener.Close()
	case err != nil:
		_ = listener.Close() // the first error is the one to show
		return err
	}
	doors := []server.Door{{Listener: listener}}
	admin, err := adminDoor(c, loaded.Where("admin_socket") != "default", log)
	if err != nil {
		return errors.Join(err, listener.Close(), srv.Close())
	}
	if admin != nil {
		doors = append(doors, server.Door{Listener: admin.Listener, Operator: true})
	}
	if srv.DB().Founded() {
		log.Info("there was no database; this is a new one", "database", store.Place(c.Database))
	}
	address := cmp.Or(c.PublicURL(), "http://"+c.Listen)
	log.Info("listening", "url", address, "docs", address+wire.PathDocs)
	advise(ctx, srv, c, listener.Addr(), log, stderr)
	err = srv.Serve(ctx, nil, doors...)
	if admin != nil {
		err = errors.Join(err, admin.Close())
	}
	return err
}

// listenError says what can be done about an address that cannot be had.
func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program listens at %s; stop it, or choose another address with --listen", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen at %s (ports below 1024 are the system's); choose another with --listen", address)
	}
	return fmt.Errorf("listen: %w; choose another address with --listen", err)
}

// adminDoor listens for the other commands; nil: they are not listened for.
// Another server that has the socket (two may share a Postgres) answers them as
// well as this one would. Where it cannot be had in its usual place the server
// serves without; one that was asked for is a condition.
func adminDoor(c server.Config, asked bool, log *slog.Logger) (*server.Socket, error) {
	if c.AdminSocket == server.NoSocket {
		return nil, nil
	}
	socket, err := server.OpenSocket(c.AdminSocket, log)
	switch {
	case err == nil:
		return socket, nil
	case errors.Is(err, server.ErrAlreadyRunning):
		log.Info("another server has the admin socket", "socket", c.AdminSocket)
		return nil, nil
	case !asked:
		log.Warn("there is no admin socket: commands cannot speak to this server while it runs; set AICHAT_SERVER_ADMIN_SOCKET", "error", err)
		return nil, nil
	}
	return nil, fmt.Errorf("admin_socket: %w; name another with AICHAT_SERVER_ADMIN_SOCKET, or none", err)
}

// advise says what an operator would otherwise find out the hard way.
func advise(ctx context.Context, srv *server.Server, c server.Config, at net.Addr, log *slog.Logger, stderr io.Writer) {
	tcp, ok := at.(*net.TCPAddr)
	switch open := ok && !tcp.IP.IsLoopback(); {
	case open && c.URL == "":
		log.Warn("this address can be reached from elsewhere, and nobody can sign in: put TLS in front of it and set AICHAT_SERVER_URL to the public https:// address")
	case strings.HasPrefix(c.URL, "http://") && !server.Loopback(c.URL):
		log.Warn("over a plain http:// address whoever listens in between sees every password, token and conversation: put TLS in front of it and let AICHAT_SERVER_URL begin with https://")
	}
	invite(ctx, srv, log, stderr)
}

// invite tells the operator of a server that has no admin yet how to become the
// first. The link signs somebody in: it is for the eyes at a terminal, never for
// a log.
func invite(ctx context.Context, srv *server.Server, log *slog.Logger, stderr io.Writer) {
	if has, err := srv.DB().Identities().HasServerAdmin(ctx); err != nil || has {
		return
	}
	if !isTerminal(stderr) {
		log.Info("this server has no admin yet; to become it: aichat-server users owner")
		return
	}
	link, expires, err := srv.OwnerLink(ctx)
	if err != nil {
		log.Warn("no link for the owner", "error", err)
		return
	}
	_, _ = fmt.Fprintf(stderr, `
This server has no admin yet. To become it, open this link before %s:

  %s

It signs in once. For another one: aichat-server users owner

`, expires.Local().Format("15:04"), link) // advice only
}
