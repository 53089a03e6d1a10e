package client_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// ways of a connection's end before its time.
var ways = map[string]func(){
	"broken":           func() { panic(http.ErrAbortHandler) },
	"closed in order":  func() {},
	"a proxy's notice": nil,
}

// cut writes the first n bytes, flushes them and ends the connection.
func cut(w http.ResponseWriter, stream []byte, n int, end func()) {
	_, _ = w.Write(stream[:min(n, len(stream))])
	_ = http.NewResponseController(w).Flush()
	switch {
	case n >= len(stream):
	case end == nil: // something on the way adds words of its own
		_, _ = io.WriteString(w, "\n: proxy\nevent: error\ndata: upstream")
	default:
		end()
	}
}

// TestCutAtEveryByte cuts the first connection after every number of bytes.
func TestCutAtEveryByte(t *testing.T) {
	t.Parallel()
	poem := answer{end: wire.EventCompleted, pieces: []string{"Rosen 🌷", "\n\nid: 7\n\n", "."}}
	whole, ends := poem.events(0)
	for name, end := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			f := &fake{answer: poem}
			f.serve = func(w http.ResponseWriter, connection int, stream []byte) {
				if connection > 0 {
					n = len(stream)
				}
				cut(w, stream, n, end)
			}
			server := httptest.NewServer(f)
			defer server.Close()
			c := newClient(t, server.URL, client.Options{Retry: atOnce})
			for at := range whole {
				n, f.requests = at, nil
				s, err := c.StartTurn(t.Context(), convID, question)
				if err != nil {
					t.Fatalf("cut at %d: %v", at, err)
				}
				h, err := listen(t.Context(), s)
				if !errors.Is(err, io.EOF) || !slices.Equal(h.deltas, poem.pieces) || h.end == nil {
					t.Fatalf("cut at %d: heard %q and %+v, %v", at, h.deltas, h.end, err)
				}
				reached := at
				if end == nil {
					reached++ // the proxy's line end may complete an event's own
				}
				if want := resumption(poem, ends, reached); !slices.Equal(f.asked(), want) {
					t.Fatalf("cut at %d: asked %q, want %q", at, f.asked(), want)
				}
				if h.lost != h.found || h.lost != len(f.asked())-1 {
					t.Fatalf("cut at %d: lost %d times, found %d times", at, h.lost, h.found)
				}
			}
		})
	}
}

// resumption is what is asked when the first connection ends after n bytes.
func resumption(a answer, ends []int, n int) []string {
	told := 0
	for told < len(ends) && ends[told] <= n {
		told++
	}
	switch told {
	case 0:
		return []string{"POST", "POST"}
	case 1:
		return []string{"POST", "GET"}
	case len(ends):
		return []string{"POST"}
	}
	return []string{"POST", "GET " + position(a, told-1)}
}

// position is the id of the nth delta.
func position(a answer, n int) string {
	at := 0
	for _, piece := range a.pieces[:n] {
		at += len(piece)
	}
	return itoa(at)
}

// TestCutAgainAndAgain cuts every connection anywhere, as long as it brings
// something: however many they are, the stream goes on.
func TestCutAgainAndAgain(t *testing.T) {
	t.Parallel()
	long := answer{end: wire.EventCompleted, pieces: slices.Repeat(poem.pieces, 20)}
	random := rand.New(rand.NewPCG(1, 2)) // the same at every run
	f := &fake{answer: long}
	f.serve = func(w http.ResponseWriter, _ int, stream []byte) {
		cut(w, stream, 400+random.IntN(400), ways["broken"])
	}
	server := httptest.NewServer(f)
	defer server.Close()
	s, err := newClient(t, server.URL, client.Options{Retry: atOnce}).Attach(t.Context(), turnID, "")
	if err != nil {
		t.Fatal(err)
	}
	h, err := listen(t.Context(), s)
	if !errors.Is(err, io.EOF) || strings.Join(h.deltas, "") != long.text() || len(h.deltas) != len(long.pieces) {
		t.Errorf("heard %d deltas of %d, %v", len(h.deltas), len(long.pieces), err)
	}
	if n := len(f.asked()); n < 20 {
		t.Errorf("only %d connections: the test cut nothing", n)
	}
}

// TestSmallWrites has every byte come alone.
func TestSmallWrites(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&fake{answer: poem, serve: func(w http.ResponseWriter, _ int, stream []byte) {
		for i := range stream {
			_, _ = w.Write(stream[i : i+1])
			_ = http.NewResponseController(w).Flush()
		}
	}})
	defer server.Close()
	s, err := newClient(t, server.URL, client.Options{}).StartTurn(t.Context(), convID, question)
	if err != nil {
		t.Fatal(err)
	}
	h, err := listen(t.Context(), s)
	if !errors.Is(err, io.EOF) || !slices.Equal(h.deltas, poem.pieces) || h.lost != 0 {
		t.Errorf("heard %q, lost %d times, %v", h.deltas, h.lost, err)
	}
}

// TestAttachInTheMiddle continues where another client was.
func TestAttachInTheMiddle(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&fake{answer: poem})
	defer server.Close()
	c := newClient(t, server.URL, client.Options{})
	for n := range len(poem.pieces) + 1 {
		s, err := c.Attach(t.Context(), turnID, position(poem, n))
		if err != nil {
			t.Fatal(err)
		}
		a, err := client.Collect(t.Context(), s)
		if err != nil || a.Text() != strings.Join(poem.pieces[n:], "") || a.End.Title != "A poem" || a.Turn.ID != turnID {
			t.Errorf("from piece %d: %q, %v", n, a.Text(), err)
		}
	}
}

// TestManyStreams leaves nothing behind; TestMain looks for it.
func TestManyStreams(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&fake{answer: poem})
	defer server.Close()
	c := newClient(t, server.URL, client.Options{})
	for range 200 {
		s, err := c.StartTurn(t.Context(), convID, question)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if _, err := s.Next(t.Context()); err == nil {
			t.Fatal("a closed stream went on")
		}
	}
}
