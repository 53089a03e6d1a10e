package server_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/aichat-term/aichat/server/store/aftermath"
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

// faces are the ways in which a key may be recognised.
func faces(key string) map[string]string {
	end := key[len(key)-12:]
	return map[string]string{"in clear": key, "its end": end, "in base64": base64.StdEncoding.EncodeToString([]byte(key))[4:20],
		"in hex": hex.EncodeToString([]byte(key)), "its end in hex": hex.EncodeToString([]byte(end))}
}

// wantUnheard looks into the log, into what anybody was answered, and into what a
// stranger heard to whom the provider sent a call.
func (k *keeper) wantUnheard(keys ...masked) {
	k.t.Helper()
	heard := []byte(k.heard.String())
	for _, must := range []string{`"msg":"panic"`, "a turn failed", "calling a provider again", `"readable":false`} {
		if !bytes.Contains(heard, []byte(must)) {
			k.t.Errorf("nothing was heard of %s", must)
		}
	}
	k.gossip.mu.Lock()
	heard = append(heard, k.gossip.shown...)
	k.gossip.mu.Unlock()
	for _, key := range keys {
		for how, face := range faces(key.reveal()) {
			if at := bytes.Index(heard, []byte(face)); at >= 0 {
				k.t.Errorf("a key was said or logged %s: …%s", how, heard[max(0, at-200):at])
			}
		}
	}
}

// wantUnwritten looks into the database, before it is closed and after.
func (k *keeper) wantUnwritten(keys ...masked) {
	k.t.Helper()
	look := func() {
		dump, err := aftermath.Dump(k.t.Context(), k.server.Database)
		if err != nil {
			k.t.Fatal(err)
		}
		looked := 0
		for where, data := range dump {
			looked += len(data)
			for _, key := range keys {
				for how, face := range faces(key.reveal()) {
					if bytes.Contains(data, []byte(face)) {
						k.t.Errorf("%s holds a key %s", where, how)
					}
				}
			}
		}
		if looked < 10_000 {
			k.t.Errorf("looked at %d bytes only", looked)
		}
	}
	look()
	if err := k.server.Stop(); err != nil {
		k.t.Error(err)
	}
	look()
}

// inMemory counts how often each key lies among the live objects, once connections
// are closed and their buffers collected: a connection that stays open has the last
// request's header in its buffer. What was freed and not yet used again is not
// looked at. Connections end in goroutines of their own, and pools let go in the
// second collection after that: so it looks until there are no more than there may
// be, or for long enough.
func (k *keeper) inMemory(most []int, keys ...masked) (counts []int) {
	k.t.Helper()
	dump, err := os.Create(filepath.Join(k.t.TempDir(), "heap"))
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = dump.Close() }() // it goes with the test
	for began := time.Now(); time.Since(began) < 30*time.Second; {
		for _, quiet := range k.quiet { // a title may have been asked for since
			quiet()
		}
		data := k.heap(dump)
		counts = counts[:0]
		for _, key := range keys {
			counts = append(counts, bytes.Count(data, []byte(key.reveal())))
		}
		if !more(counts, most) {
			break
		}
	}
	return counts
}

// more reports whether a count is more than it may be.
func more(counts, most []int) bool {
	for i, n := range counts {
		if n > most[i] {
			return true
		}
	}
	return false
}

// heap is what lives in memory, by way of a file.
func (k *keeper) heap(dump *os.File) []byte {
	k.t.Helper()
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
	return data
}
