package server_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/vault/seal"
)

// masked is a key that a test knows and does not have lying around itself.
type masked []byte

func newMasked() masked {
	m := []byte("sk-live-" + rand.Text())
	for i := range m {
		m[i] ^= 0x55
	}
	return m
}

func (m masked) reveal() string {
	b := bytes.Clone(m)
	for i := range b {
		b[i] ^= 0x55
	}
	return string(b)
}

// gossip is a provider that repeats in its errors what it was shown.
type gossip struct {
	mu   sync.Mutex
	mood string // "", "refuses", "breaks", "breaks off"
}

func (g *gossip) be(mood string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mood = mood
}

func (g *gossip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	mood := g.mood
	g.mu.Unlock()
	shown := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	status := map[string]int{"refuses": http.StatusUnauthorized, "breaks": http.StatusBadRequest}[mood]
	switch {
	case status != 0:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Debug", shown)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s. Header was: Bearer %s","type":"x","code":"invalid_api_key"}}`, shown, shown)
	case strings.HasSuffix(r.URL.Path, "/models"):
		_, _ = io.WriteString(w, `{"data":[{"id":"talker"},{"id":"text-embedding-3"}]}`)
	default:
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"Hi."}}]}`+"\n\n")
		if mood == "breaks off" {
			_, _ = fmt.Fprintf(w, "data: {\"error\":{\"message\":\"bad key %s\"}}\n\n", shown)
			return
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`+"\n\ndata: [DONE]\n\n")
	}
}

// overheard is everything that left the server: its log, and its answers.
type overheard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *overheard) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *overheard) all() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.b.Bytes())
}

// keeper is a server that keeps keys, and whom it talks to.
type keeper struct {
	*world
	gossip  *gossip
	url     string // of the provider
	masters string // the file of the master keys
	heard   *overheard
	admin   *http.Client
	quiet   []func() // closes what is idle
}

func newKeeper(t *testing.T) *keeper {
	k := &keeper{gossip: &gossip{}, heard: &overheard{}, masters: filepath.Join(t.TempDir(), "masters")}
	vendor := httptest.NewServer(k.gossip)
	t.Cleanup(vendor.Close)
	k.url = vendor.URL + "/v1"
	k.addMaster(t)
	calls := upstream.NewTransport()
	reach, err := provider.NewReach([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	guarded := upstream.NewGuarded(upstream.GuardOptions{Reach: reach})
	k.world = newWorld(t, "", func(o *servertest.Options) {
		o.Tune = func(c *server.Config) {
			c.MasterKeyCommand = "cat '" + k.masters + "'"
			c.PrivateHosts = []string{"127.0.0.1"}
		}
		o.Server.Logger = slog.New(slog.NewJSONHandler(k.heard, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Server.Transport, o.Server.Guarded = calls, guarded
		o.Server.Turn.Linger = time.Millisecond // a turn that is remembered remembers its key
	})
	close(k.vendor.pieces) // the world's own provider has nothing to say
	admin := k.server.AdminTransport()
	k.admin = &http.Client{Transport: admin}
	k.quiet = []func(){calls.CloseIdleConnections, guarded.(interface{ CloseIdleConnections() }).CloseIdleConnections, admin.CloseIdleConnections, k.http.CloseIdleConnections}
	t.Cleanup(admin.CloseIdleConnections)
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
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			k.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(k.t.Context(), method, "http://admin"+path, in)
	if err != nil {
		k.t.Fatal(err)
	}
	resp, err := k.admin.Do(req)
	return k.hear(resp, err, out)
}

// turn asks a model, and returns how that ended.
func (k *keeper) turn(model string) string {
	k.t.Helper()
	a := newAsking()
	body := a.body()
	body.Model = model
	events := k.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), body).rest()
	for _, ev := range events {
		_, _ = k.heard.Write(ev.data)
	}
	k.asUser("GET", wire.ConversationPath(a.conversation, wire.BelowMessages), nil, nil)
	name, _ := ended(k.t, events)
	return name
}

func (k *keeper) wantTest(t wire.KeyTest, works bool) {
	k.t.Helper()
	if t.Works != works || t.Detail == "" {
		k.t.Errorf("the test says %+v", t)
	}
}

// TestNoKeyLiesAround follows keys through all that is done with them, and then
// looks for them: in what the server wrote to its log and said to anybody, in the
// database's files, and in the process's memory. It is not parallel, so that what
// it counts in memory is its own.
func TestNoKeyLiesAround(t *testing.T) {
	k := newKeeper(t)
	servers, own := newMasked(), newMasked()
	a, b := conversation.NewID(), conversation.NewID()
	if status := k.asOperator("POST", wire.PathAdminKeys, wire.NewKey{ID: a, Provider: "box", BaseURL: k.url, Label: "L", Key: servers.reveal()}, nil); status != http.StatusCreated {
		t.Fatalf("add: %d", status)
	}
	if status := k.asUser("POST", wire.PathKeys, wire.NewKey{ID: b, Provider: "mine", BaseURL: k.url, Key: own.reveal()}, nil); status != http.StatusCreated {
		t.Fatalf("add: %d", status)
	}
	for _, mood := range []string{"", "refuses", "breaks", "breaks off", ""} {
		k.gossip.be(mood)
		var test wire.KeyTest
		k.asOperator("POST", wire.KeyPath(wire.PathAdminKeys, a, wire.BelowTest), nil, &test)
		k.wantTest(test, mood == "" || mood == "breaks off")
		k.asUser("POST", wire.KeyPath(wire.PathKeys, b, wire.BelowTest), nil, &test)
		k.wantTest(test, mood == "" || mood == "breaks off")
		for _, model := range []string{"box/talker", "mine/talker"} {
			if end := k.turn(model); (end == wire.EventCompleted) != (mood == "") {
				t.Errorf("%s, when the provider %s: %s", model, mood, end)
			}
		}
	}
	k.addMaster(t)
	var r wire.KeyRotation
	if status := k.asOperator("POST", wire.PathAdminRotate, nil, &r); status != http.StatusOK || r.Resealed != 2 || len(r.Unreadable) != 0 {
		t.Errorf("rotate: %d %+v", status, r)
	}
	for _, model := range []string{"box/talker", "mine/talker"} {
		if end := k.turn(model); end != wire.EventCompleted {
			t.Errorf("%s after the rotation: %s", model, end)
		}
	}
	k.asOperator("GET", wire.PathAdminKeys+"?all=true", nil, nil)
	k.asOperator("GET", wire.PathAdminAudit, nil, nil)
	k.asUser("GET", wire.PathKeys, nil, nil)
	k.asUser("GET", wire.PathModels, nil, nil)

	inMemory := k.inMemory(servers, own) // before what is searched brings the keys back
	for _, n := range inMemory {
		if n != 1 {
			t.Errorf("the keys are in memory %v times, and the vault holds each once", inMemory)
		}
	}
	k.wantUnheard(servers, own)
	k.wantUnwritten(servers, own)
}

// faces are the ways in which a key may be recognised.
func faces(key string) map[string]string {
	return map[string]string{"in clear": key, "its end": key[len(key)-12:], "in base64": base64.StdEncoding.EncodeToString([]byte(key))[4:20], "in hex": hex.EncodeToString([]byte(key))}
}

func (k *keeper) wantUnheard(keys ...masked) {
	k.t.Helper()
	heard := k.heard.all()
	if !bytes.Contains(heard, []byte("provider")) {
		k.t.Error("nothing was heard")
	}
	for _, key := range keys {
		for how, face := range faces(key.reveal()) {
			if at := bytes.Index(heard, []byte(face)); at >= 0 {
				k.t.Errorf("a key was said or logged %s: …%s", how, heard[max(0, at-200):at])
			}
		}
	}
}

// wantUnwritten looks into the database's files, after it was closed and before.
func (k *keeper) wantUnwritten(keys ...masked) {
	k.t.Helper()
	looked := 0
	look := func() {
		files, err := filepath.Glob(k.server.Database + "*")
		if err != nil {
			k.t.Fatal(err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
				continue
			}
			data, err := os.ReadFile(file)
			if err != nil {
				k.t.Fatal(err)
			}
			looked += len(data)
			for _, key := range keys {
				for how, face := range faces(key.reveal()) {
					if bytes.Contains(data, []byte(face)) {
						k.t.Errorf("%s holds a key %s", filepath.Base(file), how)
					}
				}
			}
		}
	}
	look()
	if err := k.server.Stop(); err != nil {
		k.t.Error(err)
	}
	if look(); looked < 100_000 {
		k.t.Errorf("looked at %d bytes only", looked)
	}
}

// inMemory counts how often each key lies among the live objects, once connections
// are closed and their buffers collected: a connection that stays open has the last
// request's header in its buffer. What was freed and not yet used again is not
// looked at.
func (k *keeper) inMemory(keys ...masked) []int {
	k.t.Helper()
	for _, quiet := range k.quiet {
		quiet()
	}
	dump, err := os.Create(filepath.Join(k.t.TempDir(), "heap"))
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = dump.Close() }()
	var counts []int
	// Connections end in goroutines of their own, and pools let go in the second
	// collection after that: look until it is as it should be, or for long enough.
	for began := time.Now(); time.Since(began) < 30*time.Second; {
		runtime.GC()
		if err := dump.Truncate(0); err != nil {
			k.t.Fatal(err)
		}
		if _, err := dump.Seek(0, io.SeekStart); err != nil {
			k.t.Fatal(err)
		}
		debug.WriteHeapDump(dump.Fd())
		data, err := os.ReadFile(dump.Name())
		if err != nil {
			k.t.Fatal(err)
		}
		counts = counts[:0]
		most := 0
		for _, key := range keys {
			n := bytes.Count(data, []byte(key.reveal()))
			counts, most = append(counts, n), max(most, n)
		}
		if most <= 1 {
			break
		}
	}
	return counts
}
