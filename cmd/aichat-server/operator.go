package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/store"
)

// operator speaks the operator's API: to the server that runs, over its admin
// socket, or where none does to this very process, which opens the database
// itself. Commands cannot tell which.
type operator struct {
	http  *http.Client
	close func() error
	alone bool // no server was found to run

	founded bool // the database is a new one
}

// withOperator runs a command on what the server keeps. Where there is no
// database it refuses, and makes none: a path that was mistyped would look like a
// server that is well and has nothing.
func (s *settings) withOperator(cmd *cobra.Command, do func(*operator) error) error {
	return s.operate(cmd, false, do)
}

// withFounder runs a command with which a server may begin: where there is no
// database it makes one, and says so.
func (s *settings) withFounder(cmd *cobra.Command, do func(*operator) error) error {
	return s.operate(cmd, true, do)
}

func (s *settings) operate(cmd *cobra.Command, founds bool, do func(*operator) error) error {
	c, _, err := s.load(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	o, err := openOperator(cmd.Context(), c, founds)
	if err != nil {
		return err
	}
	if o.founded {
		noteFounded(cmd, c)
	}
	if err := do(o); err != nil {
		_ = o.close() // the first error is the one to show
		return err
	}
	return o.close()
}

// noteFounded says that a database is a new one.
func noteFounded(cmd *cobra.Command, c server.Config) {
	note(cmd, "aichat-server: there was no database at %s; this is a new one.", store.Place(c.Database))
}

// noDatabase says what to do where there is none.
func noDatabase(c server.Config) error {
	return fmt.Errorf("there is no database at %s, and none was made: "+
		"name yours with --database or AICHAT_SERVER_DATABASE, or begin a new one with aichat-server serve", store.Place(c.Database))
}

func openOperator(ctx context.Context, c server.Config, founds bool) (*operator, error) {
	conn, err := dialAdmin(ctx, c.AdminSocket)
	switch {
	case err == nil:
		return overSocket(conn, c.AdminSocket), nil
	case !errors.Is(err, server.ErrNotRunning):
		return nil, err
	}
	here, err := server.OpenOperator(ctx, c, server.Options{Environment: environment(), Existing: !founds})
	if errors.Is(err, store.ErrNone) {
		return nil, noDatabase(c)
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.Unavailable && f.Subject == c.Database {
		return nil, fmt.Errorf("a server has the database %s open and does not answer at %s: run this command with that server's own settings (AICHAT_SERVER_ADMIN_SOCKET)", c.Database, c.AdminSocket)
	}
	if err != nil {
		return nil, err
	}
	return &operator{alone: true, founded: here.Founded(), http: &http.Client{Transport: inProcess{here}}, close: here.Close}, nil
}

func dialAdmin(ctx context.Context, path string) (net.Conn, error) {
	if path == "" || path == server.NoSocket {
		return nil, server.ErrNotRunning
	}
	return server.DialSocket(ctx, path)
}

// overSocket speaks over a connection that has been made, and over others like
// it when that is used up.
func overSocket(first net.Conn, path string) *operator {
	made := make(chan net.Conn, 1)
	made <- first
	over := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		select {
		case conn := <-made:
			return conn, nil
		default:
			return server.DialSocket(ctx, path)
		}
	}}
	return &operator{http: &http.Client{Transport: over}, close: func() error { over.CloseIdleConnections(); return nil }}
}

// inProcess answers requests by a handler of this process.
type inProcess struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &written{header: http.Header{}, status: http.StatusOK}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	p.ServeHTTP(w, r)
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// written is an answer that is kept.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header         { return w.header }
func (w *written) WriteHeader(status int)      { w.status = status }
func (w *written) Write(b []byte) (int, error) { return w.body.Write(b) }

// largestAnswer bounds what is read of an answer.
const largestAnswer = 64 << 20

// call sends a request, with in as JSON unless it is nil, and reads the answer
// into out unless that is nil.
func (o *operator) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	address := url.URL{Scheme: "http", Host: "admin", Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, address.String(), body)
	if err != nil {
		return err
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return fmt.Errorf("the server did not answer: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("the server's answer broke off: %w", err)
	case resp.StatusCode >= http.StatusBadRequest:
		return problem(resp.StatusCode, raw)
	case out == nil:
		return nil
	}
	return json.Unmarshal(raw, out)
}

// refusal is what the server says instead of an answer, in its own words.
type refusal struct{ wire.Problem }

func (r *refusal) Error() string { return r.Detail }

func problem(status int, body []byte) error {
	var r refusal
	if err := json.Unmarshal(body, &r.Problem); err != nil || r.Detail == "" {
		return fmt.Errorf("the server answered with status %d", status)
	}
	return &r
}

// seeUsers is the command that lists users.
const seeUsers = "aichat-server users list"

// user finds the user that a command names, by name, by e-mail address, or by the
// beginning of the id: for one who shares a name with others.
func (o *operator) user(ctx context.Context, name string) (wire.User, error) {
	if name == "" {
		return wire.User{}, &usageError{errors.New("which user? See: " + seeUsers)}
	}
	named, err := o.users(ctx, url.Values{"name": {name}})
	if err == nil && len(named) == 1 {
		return named[0], nil
	}
	if len(name) >= leastOfID {
		all, err := o.users(ctx, nil)
		if err != nil {
			return wire.User{}, err
		}
		if u, err := withID(all, func(u *wire.User) string { return u.ID }, name, "user", seeUsers); err == nil {
			return u, nil
		}
	}
	if r, is := errors.AsType[*refusal](err); err == nil || is && r.Code == wire.NotFound {
		return wire.User{}, fmt.Errorf("there is no user %q; see: %s", name, seeUsers)
	}
	return wire.User{}, err
}

// users asks for all users, or for those that are named.
func (o *operator) users(ctx context.Context, named url.Values) ([]wire.User, error) {
	var list wire.UserList
	err := o.call(ctx, http.MethodGet, wire.PathAdminUsers, named, nil, &list)
	return list.Users, err
}
