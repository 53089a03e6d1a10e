package oauth_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// peer is a server for clients that are not ours: the door, on loopback, with
// one thing to be had for a token.
type peer struct {
	*testing.T
	url    string
	grants *signin.Grants
	user   identity.UserID
}

func newPeer(t *testing.T, o signin.GrantOptions) *peer {
	t.Helper()
	o.Interval = time.Second // a client counts in whole seconds
	grants, user := newGrants(t, slog.New(slog.DiscardHandler), o)
	p := &peer{T: t, grants: grants, user: user}
	server := httptest.NewUnstartedServer(nil)
	p.url = "http://" + server.Listener.Addr().String()
	mux := http.NewServeMux()
	mux.Handle("/", oauth.New(oauth.Options{Grants: grants, URL: p.url}))
	mux.HandleFunc("/whoami", p.whoami)
	server.Config.Handler = mux
	server.Start()
	t.Cleanup(server.Close)
	return p
}

func (p *peer) whoami(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	who, err := p.grants.Authenticate(r.Context(), token, identity.Seen{Address: visitor.Address(r)})
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="aichat"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = w.Write([]byte(who.User)) // the test reads it or fails
}

func (p *peer) decide(userCode string, approve bool) {
	p.Helper()
	code, ok := signin.ParseUserCode(userCode)
	if !ok {
		p.Fatalf("%q is no user code", userCode)
	}
	_, err := p.grants.Decide(p.Context(), code, p.user, approve, identity.Seen{})
	must(p.T, err)
}

// config is what a Go program knows of us.
func (p *peer) config(style oauth2.AuthStyle) *oauth2.Config {
	return &oauth2.Config{ClientID: wire.ClientID, Scopes: []string{"chat", "account"}, Endpoint: oauth2.Endpoint{
		DeviceAuthURL: p.url + wire.PathDeviceCode, TokenURL: p.url + wire.PathOAuthToken, AuthStyle: style,
	}}
}

// TestGoClient: golang.org/x/oauth2 signs in and stays signed in, also where it
// has to find out how clients authenticate here.
func TestGoClient(t *testing.T) {
	t.Parallel()
	for name, style := range map[string]oauth2.AuthStyle{"told": oauth2.AuthStyleInParams, "finds out": oauth2.AuthStyleAutoDetect} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, signin.GrantOptions{AccessLifetime: time.Second}) // spent at once: the library renews ten seconds before
			config := p.config(style)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			device, err := config.DeviceAuth(ctx)
			must(t, err)
			p.decide(device.UserCode, true)
			first, err := config.DeviceAccessToken(ctx, device)
			must(t, err)
			if first.Type() != "Bearer" || first.RefreshToken == "" || first.Extra("scope") != "chat account" {
				t.Errorf("first token: type %s, scope %v", first.Type(), first.Extra("scope"))
			}
			second, err := config.TokenSource(ctx, first).Token()
			must(t, err)
			if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
				t.Error("it was not refreshed")
			}
			answer, err := oauth2.NewClient(ctx, config.TokenSource(ctx, second)).Get(p.url + "/whoami")
			must(t, err)
			defer answer.Body.Close()
			if answer.StatusCode != 200 {
				t.Errorf("with its token: %s", answer.Status)
			}
		})
	}
}

func TestGoClientDenied(t *testing.T) {
	t.Parallel()
	p := newPeer(t, signin.GrantOptions{})
	config := p.config(oauth2.AuthStyleInParams)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	device, err := config.DeviceAuth(ctx)
	must(t, err)
	p.decide(device.UserCode, false)
	_, err = config.DeviceAccessToken(ctx, device)
	if refused, ok := err.(*oauth2.RetrieveError); !ok || refused.ErrorCode != wire.OAuthAccessDenied { //nolint:errorlint // as the library returns it
		t.Errorf("got %v", err)
	}
}

// TestCertifiedClient: the openid-client library of npm signs in, refreshes and
// signs out; see testdata/openid-client/peer.mjs.
func TestCertifiedClient(t *testing.T) {
	t.Parallel()
	script := peerScript(t)
	p := newPeer(t, signin.GrantOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", script, p.url)
	var complaints strings.Builder
	node.Stderr = &complaints
	out, err := node.StdoutPipe()
	must(t, err)
	must(t, node.Start())
	var cues []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line struct {
			Cue      string `json:"cue"`
			UserCode string `json:"user_code"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Errorf("it says %q", lines.Text())
			continue
		}
		if cues = append(cues, line.Cue); line.UserCode != "" {
			p.decide(line.UserCode, line.Cue == "approve")
		}
	}
	if err := node.Wait(); err != nil || strings.Join(cues, " ") != "deny approve done" {
		t.Errorf("after %v: %v\n%s", cues, err, complaints.String())
	}
}

// peerScript is the script, if all is there that it needs.
func peerScript(t *testing.T) string {
	t.Helper()
	const oldest = 20
	version, err := exec.CommandContext(t.Context(), "node", "--version").Output()
	if err != nil {
		t.Fatalf("this test runs a library of npm and needs node %d or newer (make deps installs it): %v", oldest, err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(version)), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		t.Fatalf("this test needs node %d or newer, and here is %s", oldest, version)
	}
	dir := filepath.Join("testdata", "openid-client")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "openid-client")); err != nil {
		t.Fatalf("the packages of %s are not installed; make deps does it: %v", dir, err)
	}
	return filepath.Join(dir, "peer.mjs")
}
