package sse_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aichat-term/aichat/client/wire/sse"
)

// got is an event with its data copied, comparable with DeepEqual.
type got struct {
	Name, Data, ID string
	Retry          time.Duration
	Comment        bool
}

// readAll reads to the end and returns the events and the last error.
func readAll(r *sse.Reader) (events []got, err error) {
	for {
		ev, err := r.Next()
		if err == nil || errors.Is(err, sse.ErrCut) {
			events = append(events, got{ev.Name, string(ev.Data), ev.ID, ev.Retry, ev.Comment})
		}
		if err != nil {
			return events, err
		}
	}
}

var streams = []struct {
	name, in string
	want     []got
	err      error
}{
	{"nothing", "", nil, io.EOF},
	{"one", "data: hi\n\n", []got{{Data: "hi"}}, io.EOF},
	{"named", "event: ping\ndata: {}\n\n", []got{{Name: "ping", Data: "{}"}}, io.EOF},
	{"a name does not outlive its event", "event: a\ndata: 1\n\ndata: 2\n\n", []got{{Name: "a", Data: "1"}, {Data: "2"}}, io.EOF},
	{"CRLF", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", []got{{Name: "a", Data: "1"}, {Data: "2"}}, io.EOF},
	{"CR", "event: a\rdata: 1\r\rdata: 2\r\r", []got{{Name: "a", Data: "1"}, {Data: "2"}}, io.EOF},
	{"mixed ends", "data: 1\r\n\ndata: 2\n\r\ndata: 3\r\r\n", []got{{Data: "1"}, {Data: "2"}, {Data: "3"}}, io.EOF},
	{"LF then CR are two ends", "data: 1\n\rdata: 2\n\n", []got{{Data: "1"}, {Data: "2"}}, io.EOF},
	{"byte order mark", "\ufeffdata: 1\n\n", []got{{Data: "1"}}, io.EOF},
	{"byte order mark before the longest name", "\ufeffevent: a\ndata: 1\n\n", []got{{Name: "a", Data: "1"}}, io.EOF},
	{"byte order mark before a longer name", "\ufeffretrys: 9\nevents: a\ndata: 1\n\n", []got{{Data: "1"}}, io.EOF},
	{"ordinary lines and others", "\ndata: a\r\nevent: b\nid:7\rdata:  c\n\n\rdata\n\ndata: d\n\r\n", []got{{Name: "b", Data: "a\n c", ID: "7"}, {ID: "7"}, {Data: "d", ID: "7"}}, io.EOF},
	{"byte order mark alone on its line", "\ufeff\ndata: 1\n\n", []got{{Data: "1"}}, io.EOF},
	{"byte order mark before a comment", "\ufeff: x\ndata: 1\n\n", []got{{Data: "1"}}, io.EOF},
	{"byte order mark later is part of the name", "\n\ufeffdata: 1\n\n", nil, io.EOF},
	{"no space after the colon", "event:a\ndata:1\n\n", []got{{Name: "a", Data: "1"}}, io.EOF},
	{"one space goes, the second stays", "data:  1\n\n", []got{{Data: " 1"}}, io.EOF},
	{"lines of data", "data: a\ndata:\ndata: b\n\n", []got{{Data: "a\n\nb"}}, io.EOF},
	{"empty data is an event", "data:\n\n", []got{{}}, io.EOF},
	{"data without a colon", "data\n\n", []got{{}}, io.EOF},
	{"data twice without a colon", "data\ndata\n\n", []got{{Data: "\n"}}, io.EOF},
	{"no data is no event", "event: a\n\ndata: 1\n\n", []got{{Data: "1"}}, io.EOF},
	{"comments", ": one\ndata: 1\n:two\n\n:\n\n", []got{{Data: "1"}}, io.EOF},
	{"unknown fields", "foo: bar\ndatas: x\ndat: x\ndata: 1\nData: 2\nlonger-than-eight: 3\n\n", []got{{Data: "1"}}, io.EOF},
	{"id stays", "id: 7\ndata: 1\n\ndata: 2\n\nid\ndata: 3\n\n", []got{{Data: "1", ID: "7"}, {Data: "2", ID: "7"}, {Data: "3"}}, io.EOF},
	{"id without data counts", "id: 7\n\ndata: 1\n\n", []got{{Data: "1", ID: "7"}}, io.EOF},
	{"id with NUL is ignored", "id: 7\nid: 8\x00\ndata: 1\n\n", []got{{Data: "1", ID: "7"}}, io.EOF},
	{"retry", "retry: 1500\ndata: 1\n\nretry: +2\nretry: 2s\ndata: 2\n\n", []got{{Data: "1", Retry: 1500 * time.Millisecond}, {Data: "2", Retry: 1500 * time.Millisecond}}, io.EOF},
	{"the last name wins", "event: a\nevent: b\ndata: 1\n\n", []got{{Name: "b", Data: "1"}}, io.EOF},
	{"characters of several bytes", "data: grüße 日本 🙂\n\n", []got{{Data: "grüße 日本 🙂"}}, io.EOF},
	{"invalid bytes pass", "data: \xff\xfe\n\n", []got{{Data: "\xff\xfe"}}, io.EOF},
	{"end after the line", "data: 1\n\ndata: 2\n", []got{{Data: "1"}, {Data: "2"}}, sse.ErrCut},
	{"end in the line", "data: 1\n\nevent: x\ndata: 2", []got{{Data: "1"}, {Name: "x", Data: "2"}}, sse.ErrCut},
	{"end before any data", "data: 1\n\nevent: x\ndat", []got{{Data: "1"}}, io.EOF},
	{"end after CR", "data: 1\r\r", []got{{Data: "1"}}, io.EOF},
	{"a long line", "data: " + strings.Repeat("x", 100_000) + "\n\n", []got{{Data: strings.Repeat("x", 100_000)}}, io.EOF},
}

func TestReader(t *testing.T) {
	t.Parallel()
	for _, tc := range streams {
		for chunking, wrap := range map[string]func(io.Reader) io.Reader{
			"whole":     func(r io.Reader) io.Reader { return r },
			"bytes":     iotest.OneByteReader,
			"halves":    iotest.HalfReader,
			"early EOF": iotest.DataErrReader,
		} {
			t.Run(tc.name+"/"+chunking, func(t *testing.T) {
				t.Parallel()
				events, err := readAll(sse.NewReader(wrap(strings.NewReader(tc.in)), 0))
				if !reflect.DeepEqual(events, tc.want) {
					t.Errorf("events %+v, want %+v", events, tc.want)
				}
				if !errors.Is(err, tc.err) {
					t.Errorf("error %v, want %v", err, tc.err)
				}
			})
		}
	}
}

func TestTheEndStaysTheEnd(t *testing.T) {
	t.Parallel()
	r := sse.NewReader(strings.NewReader("data: 1"), 0)
	if ev, err := r.Next(); !errors.Is(err, sse.ErrCut) || string(ev.Data) != "1" {
		t.Fatalf("%q, %v; want the cut event", ev.Data, err)
	}
	for range 2 {
		if _, err := r.Next(); err != io.EOF { //nolint:errorlint // io.EOF itself is the contract
			t.Fatalf("after the end: %v, want io.EOF", err)
		}
	}
}

func TestABrokenConnectionCutsNoEvent(t *testing.T) {
	t.Parallel()
	broken := errors.New("reset by peer")
	r := sse.NewReader(io.MultiReader(strings.NewReader("data: 1\n\ndata: 2"), iotest.ErrReader(broken)), 0)
	events, err := readAll(r)
	if len(events) != 1 || !errors.Is(err, broken) || errors.Is(err, sse.ErrCut) {
		t.Errorf("%d events, %v; want 1 and the connection's error", len(events), err)
	}
}

func TestASourceWithoutProgress(t *testing.T) {
	t.Parallel()
	if _, err := sse.NewReader(idle{}, 0).Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want io.ErrNoProgress", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestCommentsAreSignsOfLife(t *testing.T) {
	t.Parallel()
	r := sse.NewReader(strings.NewReader(": a\n\ndata: 1\n: b\ndata: 2\n\n"), 0)
	r.Comments = true
	events, err := readAll(r)
	want := []got{{Comment: true}, {Comment: true}, {Data: "1\n2"}}
	if !reflect.DeepEqual(events, want) || !errors.Is(err, io.EOF) {
		t.Errorf("%+v, %v; want %+v", events, err, want)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	const limit = 1000
	fits := "data: " + strings.Repeat("x", limit) + "\n\n"
	for _, tc := range []struct {
		name, in string
		events   int
		over     bool
	}{
		{"fits", fits, 1, false},
		{"each event by itself", fits + fits, 2, false},
		{"one too many", "data: " + strings.Repeat("x", limit+1) + "\n\n", 0, true},
		{"in many lines", strings.Repeat("data: xx\n", limit), 0, true},
		{"in empty lines", strings.Repeat("data\n", limit+2), 0, true},
		{"in the name", "event: " + strings.Repeat("x", limit+1) + "\n\n", 0, true},
		{"a comment holds nothing", ":" + strings.Repeat("x", 10*limit) + "\n" + fits, 1, false},
	} {
		r := sse.NewReader(strings.NewReader(tc.in), limit)
		events, err := readAll(r)
		over := errors.As(err, new(*sse.LimitError))
		if len(events) != tc.events || over != tc.over {
			t.Errorf("%s: %d events, %v", tc.name, len(events), err)
		}
		if _, again := r.Next(); !errors.Is(again, err) {
			t.Errorf("%s: then %v, want %v again", tc.name, again, err)
		}
	}
}

func TestNoAllocationPerEvent(t *testing.T) {
	stream := bytes.Repeat([]byte("event: content_block_delta\ndata: {\"type\":\"x\"}\n\n"), 2000)
	r := sse.NewReader(bytes.NewReader(stream), 0)
	next := func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(1000, next); n != 0 {
		t.Errorf("%v allocations per event", n)
	}
}
