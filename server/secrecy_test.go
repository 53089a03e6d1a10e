package server_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/vault/seal"
)

// keeper is a server that keeps keys, and whom it talks to.
type keeper struct {
	*world
	gossip       *gossip
	masters      string       // the file of the master keys
	heard        *logtest.Log // and all that anybody was answered
	admin, local *http.Client
	quiet        []func() // closes what is idle
}

func newKeeper(t *testing.T, database string) *keeper {
	k := &keeper{gossip: newGossip(t), heard: &logtest.Log{}, masters: filepath.Join(t.TempDir(), "masters")}
	k.addMaster(t)
	calls := upstream.NewTransport()
	reach, err := provider.NewReach([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	guarded := upstream.NewGuarded(upstream.GuardOptions{Reach: reach})
	k.world = newWorld(t, database, func(o *servertest.Options) {
		o.Tune = func(c *server.Config) {
			c.MasterKeyCommand = "cat '" + k.masters + "'"
			c.PrivateHosts = []string{"127.0.0.1"}
			c.Fallbacks = []string{"box/talker > calm/talker"}
		}
		o.Server.Logger = slog.New(slog.NewJSONHandler(k.heard, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Server.Transport, o.Server.Guarded = nervous{calls, k.gossip}, nervous{guarded, k.gossip}
		o.Server.Generate.Backoff = time.Millisecond
		o.Server.Turn.Linger = time.Millisecond // a turn that is remembered remembers its key
	})
	close(k.vendor.pieces) // the world's own provider has nothing to say
	admin, local := k.server.AdminTransport(), k.server.SocketTransport()
	k.admin, k.local = &http.Client{Transport: admin}, &http.Client{Transport: local}
	k.quiet = []func(){calls.CloseIdleConnections, guarded.(interface{ CloseIdleConnections() }).CloseIdleConnections,
		admin.CloseIdleConnections, local.CloseIdleConnections, k.http.CloseIdleConnections}
	t.Cleanup(admin.CloseIdleConnections)
	t.Cleanup(local.CloseIdleConnections)
	return k
}

func (k *keeper) addMaster(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile(k.masters, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(seal.NewMaster() + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// hear reads an answer, and remembers it.
func (k *keeper) hear(resp *http.Response, err error, out any) int {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body bytes.Buffer
	if _, err := io.Copy(io.MultiWriter(&body, k.heard), resp.Body); err != nil {
		k.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(body.Bytes(), out); err != nil {
			k.t.Fatalf("%d %s: %v", resp.StatusCode, &body, err)
		}
	}
	return resp.StatusCode
}

func (k *keeper) asUser(method, path string, body, out any) int {
	k.t.Helper()
	return k.hear(k.request(k.t.Context(), method, path, body), nil, out)
}

func (k *keeper) asOperator(method, path string, body, out any) int {
	k.t.Helper()
	return k.over(k.admin, method, path, body, out)
}

// over asks at a socket.
func (k *keeper) over(socket *http.Client, method, path string, body, out any, headers ...string) int {
	k.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		k.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(k.t.Context(), method, "http://socket"+path, bytes.NewReader(raw))
	if err != nil {
		k.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := socket.Do(req)
	return k.hear(resp, err, out)
}

// turn asks a model, and returns how that ended.
func (k *keeper) turn(model string) string {
	k.t.Helper()
	a := newAsking()
	body := a.body()
	body.Model, body.Create.Title = model, "" // so that a title is asked for too
	events := k.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body).rest()
	for _, ev := range events {
		_, _ = k.heard.Write(ev.data)
	}
	k.asUser("GET", wire.ConversationPath(a.conversation, wire.BelowMessages), nil, nil)
	name, _ := ended(k.t, events)
	return name
}

// ofTheTerminal asks with a key that the terminal has sent along.
func (k *keeper) ofTheTerminal(key masked) {
	k.t.Helper()
	env, err := json.Marshal(wire.ProviderEnv{"OPENAI_API_KEY": key.reveal(), "OPENAI_BASE_URL": k.gossip.url + "/v1"})
	if err != nil {
		k.t.Fatal(err)
	}
	a := newAsking()
	body := a.body()
	body.Model = "openai/talker"
	k.over(k.local, "POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body, nil,
		wire.HeaderProviderKeys, string(env), "Content-Type", "application/json", "Accept", "text/event-stream")
	k.over(k.local, "GET", wire.PathModels, nil, nil, wire.HeaderProviderKeys, string(env))
}

// kept is a key of the test's.
type kept struct {
	id, provider, path string
	masked
}

func newKept(of, path string) kept { return kept{conversation.NewID(), of, path, newMasked()} }

func (k *keeper) body(key kept) wire.NewKey {
	return wire.NewKey{ID: key.id, Provider: key.provider, BaseURL: k.gossip.url + key.path, Label: "L", Key: key.reveal()}
}

// TestNoKeyLiesAround follows keys through all that is done with them, on each
// database, and then looks for them: in what the server wrote to its log and said
// to anybody, in the database, and in the process's memory. It is not parallel, so
// that what it counts in memory is its own. There are no metrics and no debugging
// routes that could tell; what the operator's commands print is looked at where
// they are tested.
func TestNoKeyLiesAround(t *testing.T) {
	for name, database := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) { newKeeper(t, database(t)).keepsToItself() })
	}
}

func (k *keeper) keepsToItself() {
	box, calm, away, mine := newKept("box", "/v1"), newKept("calm", "/calm/v1"), newKept("away", "/v1"), newKept("mine", "/v1")
	terminals, refused := newMasked(), newMasked()
	for _, key := range []kept{box, calm} {
		k.want("add", http.StatusCreated, k.asOperator("POST", wire.PathAdminKeys, k.body(key), nil))
	}
	nowhere := k.body(away)
	nowhere.BaseURL = "http://127.0.0.1:1/v1"
	k.want("add", http.StatusCreated, k.asOperator("POST", wire.PathAdminKeys, nowhere, nil))
	k.want("add", http.StatusCreated, k.asUser("POST", wire.PathKeys, k.body(mine), nil))
	k.addsInVain(refused)

	for _, mood := range slices.Sorted(maps.Keys(moods)) {
		k.in(mood, box, mine)
		k.ofTheTerminal(terminals)
	}
	k.in("", box, mine)
	k.ofTheTerminal(terminals)
	var test wire.KeyTest
	if k.asOperator("POST", wire.KeyPath(wire.PathAdminKeys, away.id, wire.BelowTest), nil, &test); test.Works {
		k.t.Errorf("where nobody listens: %+v", test)
	}

	k.addMaster(k.t)
	var r wire.KeyRotation
	if status := k.asOperator("POST", wire.PathAdminRotate, nil, &r); status != http.StatusOK || r.Resealed != 4 || len(r.Unreadable) != 0 {
		k.t.Errorf("rotate: %d %+v", status, r)
	}
	k.in("", box, mine)
	k.asOperator("POST", wire.KeyPath(wire.PathAdminKeys, away.id, wire.BelowTest), nil, &test)
	k.gossip.be("refuses")
	k.turn("box/talker") // so that calm is asked too
	k.look()

	// Before what else is searched brings the keys back. Those that are kept may lie
	// with the vault, once each; it lets go of them when it hears of a change.
	lying := newMasked()
	here := lying.reveal()
	all := []masked{box.masked, calm.masked, away.masked, mine.masked, terminals, refused, lying}
	most := []int{1, 1, 1, 1, 0, 0, 1}
	n := k.inMemory(most, all...)
	if more(n, most) || n[len(n)-1] != 1 {
		k.t.Errorf("the keys are in memory %v times, and should be %v at most, the last one exactly", n, most)
	}
	runtime.KeepAlive(here)
	all = all[:len(all)-1]
	k.cannotOpen(box, mine)
	k.wantUnheard(all...)
	k.wantUnwritten(all...)
}

func (k *keeper) want(what string, status, got int) {
	k.t.Helper()
	if got != status {
		k.t.Fatalf("%s: %d, want %d", what, got, status)
	}
}

// addsInVain offers a key in ways that are refused.
func (k *keeper) addsInVain(key masked) {
	k.t.Helper()
	heavy := -1
	for _, bad := range []func(*wire.NewKey){
		func(n *wire.NewKey) { n.Weight = &heavy },
		func(n *wire.NewKey) { n.ID = key.reveal() },
		func(n *wire.NewKey) { n.Provider = key.reveal() },
		func(n *wire.NewKey) { n.BaseURL = "http://" + key.reveal() + "@127.0.0.1/v1" },
		func(n *wire.NewKey) { n.Key += "\nX-Forged: 1" },
	} {
		n := k.body(newKept("vain", "/v1"))
		n.Key = key.reveal()
		bad(&n)
		if status := k.asUser("POST", wire.PathKeys, n, nil); status < 400 || status >= 500 {
			k.t.Errorf("a bad key is added: %d", status)
		}
	}
	k.asUser("POST", wire.PathKeys, `{"id":"x","key":["`+key.reveal()+`"]}`, nil)
}

// in tries and uses keys while the provider is in a mood. The server's key has
// another behind it, which is asked where the trouble is the provider's and nothing
// of the answer had come.
func (k *keeper) in(mood string, servers, own kept) {
	k.t.Helper()
	k.gossip.be(mood)
	works := mood == "" || mood == "breaks off"
	for path, key := range map[string]kept{wire.PathAdminKeys: servers, wire.PathKeys: own} {
		ask := k.asUser
		if path == wire.PathAdminKeys {
			ask = k.asOperator
		}
		var test wire.KeyTest
		status := ask("POST", wire.KeyPath(path, key.id, wire.BelowTest), nil, &test)
		switch {
		case mood == "panics":
			k.want("a test that panics", http.StatusInternalServerError, status)
		case status != http.StatusOK || test.Works != works || test.Detail == "":
			k.t.Errorf("when the provider %s, the test says %d %+v", mood, status, test)
		}
	}
	elsewhere := !slices.Contains([]string{"finds fault", "sends elsewhere", "breaks off", "panics"}, mood)
	if end := k.turn(servers.provider + "/talker"); (end == wire.EventCompleted) != elsewhere {
		k.t.Errorf("the server's key, when the provider %s: %s", mood, end)
	}
	if end := k.turn(own.provider + "/talker"); (end == wire.EventCompleted) != (mood == "") {
		k.t.Errorf("one's own key, when the provider %s: %s", mood, end)
	}
}

// look reads all that speaks of keys.
func (k *keeper) look() {
	k.t.Helper()
	for _, path := range []string{wire.PathAdminKeys + "?all=true", wire.PathAdminAudit, wire.PathAdminUsage + "?by=key"} {
		k.want(path, http.StatusOK, k.asOperator("GET", path, nil, nil))
	}
	for _, path := range []string{wire.PathKeys, wire.PathModels, wire.PathUsageLedger, wire.PathUsage + "?by=key", wire.PathMe} {
		k.want(path, http.StatusOK, k.asUser("GET", path, nil, nil))
	}
}

// cannotOpen changes, from below, where keys lead, so that they do not open any
// more; something that changes through the door lets the server see it.
func (k *keeper) cannotOpen(servers, own kept) {
	k.t.Helper()
	k.gossip.be("")
	driver, database := "sqlite", "file:"+k.server.Database+"?_pragma=busy_timeout(10000)"
	if strings.HasPrefix(k.server.Database, "postgres") {
		driver, database = "pgx", k.server.Database
	}
	db, err := sql.Open(driver, database)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing is left to be written
	if _, err := db.ExecContext(k.t.Context(), `UPDATE provider_keys SET base_url = 'https://example.com/v1' WHERE id IN ($1, $2)`, servers.id, own.id); err != nil {
		k.t.Fatal(err)
	}
	label := "changed"
	k.want("change", http.StatusOK, k.asOperator("PATCH", wire.KeyPath(wire.PathAdminKeys, servers.id), wire.KeyChange{Label: &label}, nil))
	var test wire.KeyTest
	if k.asOperator("POST", wire.KeyPath(wire.PathAdminKeys, servers.id, wire.BelowTest), nil, &test); test.Works {
		k.t.Errorf("a key that does not open works: %+v", test)
	}
	if end := k.turn(own.provider + "/talker"); end != wire.EventFailed {
		k.t.Errorf("with a key that does not open: %s", end)
	}
	var list wire.KeyList
	k.asOperator("GET", wire.PathAdminKeys, nil, &list)
	for _, key := range list.Keys {
		if spoilt := key.ID == servers.id || key.ID == own.id; spoilt == key.Readable {
			k.t.Errorf("listed as %+v", key)
		}
	}
}
