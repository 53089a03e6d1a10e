package oauth_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// whole is a whole server, with all that it logs.
type whole struct {
	*testing.T
	*servertest.Server
	log   logtest.Log
	shown []string // secrets that crossed the wire
}

func startWhole(t *testing.T, database string, o signin.GrantOptions) *whole {
	t.Helper()
	w := &whole{T: t}
	log := slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
	w.Server = servertest.Start(t, servertest.Options{Database: database, Server: server.Options{Logger: log, Grants: o}})
	w.shown = append(w.shown, w.Token)
	return w
}

// call makes a request with a bearer token, if there is one.
func (w *whole) call(method, path, bearer, form string) *http.Response {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, w.URL+path, strings.NewReader(form))
	must(w.T, err)
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := http.DefaultClient.Do(r)
	must(w.T, err)
	w.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

func (w *whole) wantStatus(answer *http.Response, status int) []byte {
	w.Helper()
	body, err := io.ReadAll(answer.Body)
	must(w.T, err)
	if answer.StatusCode != status {
		w.Fatalf("%s: %s, want %d: %s", answer.Request.URL.Path, answer.Status, status, body)
	}
	return body
}

func postWhole[T any](w *whole, path string, form url.Values) (v T) {
	w.Helper()
	form.Set("client_id", wire.ClientID)
	must(w.T, json.Unmarshal(w.wantStatus(w.call("POST", path, "", form.Encode()), 200), &v))
	return v
}

// signIn goes through the door; what the page does is done in the store.
func (w *whole) signIn() wire.TokenGrant {
	w.Helper()
	d := postWhole[wire.DeviceCode](w, wire.PathDeviceCode, url.Values{wire.FieldDeviceName: {"laptop"}})
	code, ok := signin.ParseUserCode(d.UserCode)
	if !ok || !strings.HasPrefix(d.VerificationURIComplete, w.URL+wire.PathDevicePage+"?user_code=") {
		w.Fatalf("device: %+v", d)
	}
	_ = w.call("GET", strings.TrimPrefix(d.VerificationURIComplete, w.URL), "", "") // for the log's sake
	users, err := w.DB().Identities().Users(w.Context())
	must(w.T, err)
	_, err = w.DB().SignIn().DecideDevice(w.Context(), code.Hash(), users[0].ID, true, time.Now())
	must(w.T, err)
	g := postWhole[wire.TokenGrant](w, wire.PathOAuthToken, url.Values{"grant_type": {wire.GrantDeviceCode}, "device_code": {d.DeviceCode}})
	w.shown = append(w.shown, d.DeviceCode, d.UserCode, string(code), g.AccessToken, g.RefreshToken)
	return g
}

// stream opens a live stream and returns what tells of its end.
func (w *whole) stream(bearer string) <-chan error {
	w.Helper()
	answer := w.call("GET", wire.PathEvents, bearer, "")
	if answer.StatusCode != 200 {
		w.Fatalf("events: %s", answer.Status)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, answer.Body)
		ended <- err
	}()
	return ended
}

// searchLog looks for all that was secret.
func (w *whole) searchLog() {
	w.Helper()
	must(w.T, w.Stop())
	text := w.log.String()
	if !strings.Contains(text, wire.PathOAuthToken) {
		w.Error("the log tells of no request: this test looks at nothing")
	}
	if found := credential.FindString(text); found != "" {
		w.Errorf("a credential is in the log: %s…", found)
	}
	for i, secret := range w.shown {
		if strings.Contains(text, secret) {
			w.Errorf("secret %d is in the log", i)
		}
	}
}

// TestWholeServer: a session is good everywhere and, once it is signed out,
// nowhere: also what it has open ends at once. Whatever goes wrong meanwhile, the
// log at its most talkative holds no credential.
func TestWholeServer(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{"sqlite": sqlitetest.File, "postgres": pgtest.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startWhole(t, database(t), signin.GrantOptions{})
			first, bystander := w.signIn(), w.signIn()
			g := postWhole[wire.TokenGrant](w, wire.PathOAuthToken, url.Values{"grant_type": {wire.GrantRefresh}, "refresh_token": {first.RefreshToken}})
			w.shown = append(w.shown, g.AccessToken, g.RefreshToken)
			var me wire.Me
			must(t, json.Unmarshal(w.wantStatus(w.call("GET", wire.PathMe, g.AccessToken, ""), 200), &me))
			if me.Session != first.Session {
				t.Errorf("it acts as session %s, want %s", me.Session, first.Session)
			}
			w.blunder(g)

			ended := w.stream(g.AccessToken)
			w.wantStatus(w.call("POST", wire.PathRevoke, "", url.Values{"client_id": {wire.ClientID}, "token": {g.AccessToken}}.Encode()), 200)
			<-ended
			for _, bearer := range []string{first.AccessToken, g.AccessToken} {
				w.wantStatus(w.call("GET", wire.PathMe, bearer, ""), 401)
			}
			w.wantStatus(w.call("GET", wire.PathMe, bystander.AccessToken, ""), 200)
			w.searchLog()
		})
	}
}

// blunder does with tokens what one should not do.
func (w *whole) blunder(g wire.TokenGrant) {
	w.Helper()
	for _, token := range []string{g.AccessToken, g.RefreshToken, identity.DeviceCode.New()} {
		w.shown = append(w.shown, token)
		in := url.Values{"token": {token}, "refresh_token": {token}}.Encode()
		for _, r := range []struct {
			method, path, bearer, form string
			status                     int
		}{
			{"GET", wire.PathMe, token + "x", "", 401},
			{"GET", wire.PathMe, " " + token, "", 401},
			{"GET", wire.PathMe + "?access_token=" + token, "", "", 401},
			{"POST", wire.PathOAuthToken + "?" + in, "", in, 400},
			{"POST", wire.PathOAuthToken, token, in, 401},
			{"POST", wire.PathOAuthToken, "", in + "&" + in, 400},
			{"POST", wire.PathOAuthToken, "", in + "&%zz", 400},
			{"GET", wire.PathRevoke + "?" + in, "", "", 405},
			{"POST", "/oauth/" + token, "", in, 404},
		} {
			w.wantStatus(w.call(r.method, r.path, r.bearer, r.form), r.status)
		}
	}
}

// TestReuseEndsStreams: what a stolen session has open ends with it.
func TestReuseEndsStreams(t *testing.T) {
	t.Parallel()
	w := startWhole(t, sqlitetest.File(t), signin.GrantOptions{Grace: 1})
	g := w.signIn()
	ended := w.stream(g.AccessToken)
	form := url.Values{"grant_type": {wire.GrantRefresh}, "refresh_token": {g.RefreshToken}}
	next := postWhole[wire.TokenGrant](w, wire.PathOAuthToken, form)
	w.shown = append(w.shown, next.AccessToken, next.RefreshToken)
	w.wantStatus(w.call("POST", wire.PathOAuthToken, "", form.Encode()), 400)
	<-ended
	w.wantStatus(w.call("GET", wire.PathMe, next.AccessToken, ""), 401)
	w.searchLog()
}

// TestTwoServers: a session signed out at one server ends what it has open at
// another on the same database, and is refused there.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	here, there := startWhole(t, database, signin.GrantOptions{}), startWhole(t, database, signin.GrantOptions{})
	g := here.signIn()
	ended := there.stream(g.AccessToken)
	here.wantStatus(here.call("POST", wire.PathRevoke, "", url.Values{"client_id": {wire.ClientID}, "token": {g.RefreshToken}}.Encode()), 200)
	there.wantStatus(there.call("GET", wire.PathMe, g.AccessToken, ""), 401)
	<-ended
}
