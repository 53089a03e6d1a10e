package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/authtest"
	"github.com/aichat-term/aichat/client/wire"
)

const authURL = "https://chat.example.com"

// discovered is an authority of a fake server that is reached without a network.
func discovered(t *testing.T, s *authtest.Server) *client.Authority {
	t.Helper()
	a, err := client.Discover(t.Context(), client.AuthorityOptions{BaseURL: s.URL, Transport: s.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func begin(t *testing.T, a *client.Authority) *client.Device {
	t.Helper()
	d, err := a.BeginDevice(t.Context(), client.DeviceRequest{Name: "laptop", Scope: "chat account"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// signIn is the whole flow, approved at once.
func signIn(t *testing.T, s *authtest.Server) client.Tokens {
	t.Helper()
	d := begin(t, discovered(t, s))
	s.Decide(d.UserCode, true)
	tokens, err := d.Wait(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestDeviceIsAskedAtOnceAndAtTheInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		d := begin(t, discovered(t, s))
		if d.Page() != authURL+"/device?user_code="+d.UserCode || d.Left() != 10*time.Minute {
			t.Errorf("page %s, for %v", d.Page(), d.Left())
		}
		time.AfterFunc(62*time.Second, func() { s.Decide(d.UserCode, true) })
		var polls []client.Poll
		tokens, err := d.Wait(t.Context(), func(p client.Poll) { polls = append(polls, p) })
		if err != nil || tokens.Access == "" || tokens.Refresh == "" || tokens.Session == "" || tokens.Lives != 900 {
			t.Fatalf("%v, %v", tokens, err)
		}
		c := s.Counts()
		if c.Polls != 13 || c.TooSoon != 0 || len(c.Misuse) > 0 || len(polls) != 12 {
			t.Errorf("%+v after %d polls told", c, len(polls))
		}
	})
}

// TestDeviceWithClocksThatDiffer lets the machine's clock run faster or slower
// than the server's: it must sign in, and annoy the server no more than needed.
func TestDeviceWithClocksThatDiffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		factor  float64
		tooSoon int
	}{{0.5, 0}, {1, 0}, {1.03, 0}, {1.1, 1}, {1.3, 1}, {1.5, 2}, {2, 3}, {3, 4}} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			a := discovered(t, s)
			a.Skew(c.factor)
			d := begin(t, a)
			time.AfterFunc(9*time.Minute, func() { s.Decide(d.UserCode, true) })
			_, err := d.Wait(t.Context(), nil)
			if got := s.Counts(); err != nil || got.TooSoon > c.tooSoon {
				t.Errorf("a clock %gx as fast: too soon %d times of %d, %v", c.factor, got.TooSoon, got.Polls, err)
			}
		})
	}
}

func TestDeviceEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		decide func(*authtest.Server, string)
		code   string
		after  time.Duration
	}{
		"denied":  {func(s *authtest.Server, code string) { s.Decide(code, false) }, wire.OAuthAccessDenied, 30 * time.Second},
		"expired": {func(*authtest.Server, string) {}, wire.OAuthExpiredToken, 10*time.Minute + 10*time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			d := begin(t, discovered(t, s))
			began := time.Now()
			time.AfterFunc(20*time.Second, func() { c.decide(s, d.UserCode) })
			_, err := d.Wait(t.Context(), nil)
			if client.OAuthCode(err) != c.code || time.Since(began) > c.after {
				t.Errorf("%s: %v after %v", name, err, time.Since(began))
			}
		})
	}
}

// TestDeviceSurvives lets the way to the server fail in all manners.
func TestDeviceSurvives(t *testing.T) {
	t.Parallel()
	say := func(status int, header, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				name, value, _ := strings.Cut(header, ": ")
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, fault := range map[string]http.HandlerFunc{
		"the connection breaks":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a gateway's page":        say(502, "Content-Type: text/html", "<html>"),
		"an error of the server":  say(500, "Content-Type: text/plain", "oops"),
		"unavailable":             say(503, "Content-Type: application/json", `{"error":"temporarily_unavailable"}`),
		"server_error with a 400": say(400, "Content-Type: application/json", `{"error":"server_error"}`),
		"too many requests":       say(429, "Retry-After: 20", ""),
		"silence":                 func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); panic(http.ErrAbortHandler) },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			d := begin(t, discovered(t, s))
			down, up := time.Now().Add(30*time.Second), time.Now().Add(4*time.Minute)
			s.Fault = func(w http.ResponseWriter, r *http.Request) bool {
				if time.Now().Before(down) || time.Now().After(up) {
					return false
				}
				fault(w, r)
				return true
			}
			time.AfterFunc(3*time.Minute, func() { s.Decide(d.UserCode, true) })
			lost := 0
			tokens, err := d.Wait(t.Context(), func(p client.Poll) {
				if p.Lost != nil {
					lost++
				}
			})
			if err != nil || tokens.Empty() || lost == 0 || lost > 20 {
				t.Errorf("%s: %v after %d failures", name, err, lost)
			}
		})
	}
}

// TestDeviceGivesUp holds that a server that stays away ends the flow when the
// code has expired, and that one that never lets it expire does so too.
func TestDeviceGivesUp(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"away": func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"for ever pending": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"authorization_pending"}`))
			return true
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			d := begin(t, discovered(t, s))
			began := time.Now()
			s.Fault = fault
			_, err := d.Wait(t.Context(), nil)
			if since := time.Since(began); client.OAuthCode(err) != wire.OAuthExpiredToken || since < 10*time.Minute || since > 22*time.Minute {
				t.Errorf("%s: %v after %v", name, err, since)
			}
			if unreachable, yes := errors.AsType[*client.UnreachableError](err); yes != (name == "away") {
				t.Errorf("%s: %v", name, unreachable)
			}
		})
	}
}

func TestDeviceRefusedForGood(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]struct {
		status     int
		kind, body string
	}{
		"invalid_grant":  {400, "application/json", `{"error":"invalid_grant"}`},
		"invalid_client": {401, "application/json", `{"error":"invalid_client"}`},
		"no reason":      {400, "application/json", `{}`},
		"not found":      {404, "text/html", "<html>"},
		"a page":         {200, "text/html", "<html>"},
		"no token":       {200, "application/json", `{"token_type":"Bearer"}`},
		"a redirect":     {302, "text/html", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			d := begin(t, discovered(t, s))
			asked := 0
			s.Fault = func(w http.ResponseWriter, _ *http.Request) bool {
				asked++
				w.Header().Set("Content-Type", answer.kind)
				w.Header().Set("Location", "https://elsewhere.example")
				w.WriteHeader(answer.status)
				_, _ = w.Write([]byte(answer.body))
				return true
			}
			if _, err := d.Wait(t.Context(), nil); err == nil || asked != 1 {
				t.Errorf("%s: %v after %d polls", name, err, asked)
			}
		})
	}
}

func TestDeviceIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		d := begin(t, discovered(t, s))
		why := errors.New("ctrl+c")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(7*time.Second, func() { cancel(why) })
		began := time.Now()
		if _, err := d.Wait(ctx, nil); !errors.Is(err, why) || time.Since(began) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestDiscoverIsStrict holds that nobody is sent, and nothing is sent, to another
// origin than the one that was typed.
func TestDiscoverIsStrict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(map[string]any)
		says   string
	}{
		"another issuer":       {func(m map[string]any) { m["issuer"] = "https://evil.example" }, "calls itself https://evil.example"},
		"no issuer":            {func(m map[string]any) { delete(m, "issuer") }, "calls itself"},
		"another port":         {func(m map[string]any) { m["token_endpoint"] = authURL + ":8443/t" }, "not its own address"},
		"another scheme":       {func(m map[string]any) { m["token_endpoint"] = "http://chat.example.com/t" }, "not its own address"},
		"device elsewhere":     {func(m map[string]any) { m["device_authorization_endpoint"] = "https://evil.example/d" }, "not its own address"},
		"revocation elsewhere": {func(m map[string]any) { m["revocation_endpoint"] = "https://evil.example/r" }, "not its own address"},
		"a user in it":         {func(m map[string]any) { m["token_endpoint"] = "https://u:p@chat.example.com/t" }, "not its own address"},
		"no token endpoint":    {func(m map[string]any) { delete(m, "token_endpoint") }, "no address"},
	} {
		s := authtest.New(authURL)
		s.Metadata = c.change
		_, err := client.Discover(t.Context(), client.AuthorityOptions{BaseURL: authURL, Transport: s.Transport()})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := authtest.New(authURL)
	s.Metadata = func(m map[string]any) { m["token_endpoint"] = "HTTPS://Chat.Example.Com:443/t" }
	if _, err := client.Discover(t.Context(), client.AuthorityOptions{BaseURL: authURL, Transport: s.Transport()}); err != nil {
		t.Errorf("the same origin, spelt otherwise: %v", err)
	}
	_, err := client.Discover(t.Context(), client.AuthorityOptions{BaseURL: "http://chat.example.com", Transport: s.Transport()})
	if err == nil {
		t.Error("not encrypted, and no error")
	}
}

// TestDeviceNamesItsOwnPage holds that a page of another origin, or of another
// scheme than the web's, is shown to nobody.
func TestDeviceNamesItsOwnPage(t *testing.T) {
	t.Parallel()
	a := discovered(t, authtest.New(authURL))
	good := wire.DeviceCode{DeviceCode: "d", UserCode: "BCDF-GHJK", VerificationURI: authURL + "/device", ExpiresIn: 600}
	for _, page := range []string{
		"https://evil.example/device", "file:///etc/passwd", "javascript:alert(1)", "https://chat.example.com.evil.example/",
		"https://chat.example.com@evil.example/", "//evil.example", "/device", authURL + "/\u009b2J",
	} {
		first, second := good, good
		first.VerificationURI, second.VerificationURIComplete = page, page
		for _, code := range []wire.DeviceCode{first, second} {
			if _, err := a.ResumeDevice(code, time.Minute); err == nil {
				t.Errorf("%s is taken", page)
			}
		}
	}
	if _, err := a.ResumeDevice(good, time.Minute); err != nil {
		t.Error(err)
	}
	command, long := good, good
	command.UserCode, long.UserCode = "curl evil.example\n", strings.Repeat("B", 41)
	for _, code := range []wire.DeviceCode{{}, {DeviceCode: "d", UserCode: "u", VerificationURI: authURL}, command, long} {
		if _, err := a.ResumeDevice(code, time.Minute); err == nil {
			t.Errorf("%+v is taken", code)
		}
	}
}
