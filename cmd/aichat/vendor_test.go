//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/anthropic/anthropictest"
	"github.com/aichat-term/aichat/server/provider/gemini/geminitest"
	"github.com/aichat-term/aichat/server/provider/openai/openaitest"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// vendors are the vendors whose addresses the environment names, with the
// variables that hold the address and the key.
var vendors = []struct {
	name, address, key string
	vendor             func() providertest.Vendor
}{
	{"anthropic", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", anthropictest.Vendor},
	{"openai", "OPENAI_BASE_URL", "OPENAI_API_KEY", openaitest.Compatible},
	{"gemini", "GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY", geminitest.Vendor},
}

// fakeVendor is a vendor's API on this machine. It is strict: a question that
// lacks the key, or goes to a wrong path, is refused as the vendor would.
type fakeVendor struct {
	providertest.Vendor
	*httptest.Server
	answer http.HandlerFunc // set before it starts

	once sync.Once
	gone chan struct{} // closed when a caller left in mid-answer

	resumed chan struct{} // closed when a vendor that pauses may go on

	mu    sync.Mutex
	asked int
}

func newVendor(v providertest.Vendor) *fakeVendor {
	return &fakeVendor{Vendor: v, gone: make(chan struct{}), resumed: make(chan struct{})}
}

// start serves the vendor with its answer to everybody.
func (f *fakeVendor) start(answer http.HandlerFunc) {
	f.answer = answer
	f.Server = httptest.NewServer(f)
}

func (f *fakeVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		f.list(w, r)
		return
	}
	path, _, _ := strings.Cut(f.Path(providertest.Model), "?")
	if r.URL.Path != path {
		http.Error(w, `{"error":{"message":"wrong path"}}`, http.StatusNotFound)
		return
	}
	for name, value := range f.Header {
		if r.Header.Get(name) != value {
			http.Error(w, `{"error":{"message":"wrong `+name+`"}}`, http.StatusUnauthorized)
			return
		}
	}
	f.mu.Lock()
	f.asked++
	f.mu.Unlock()
	f.answer(w, r)
}

// list answers a question for the models there are: it keeps no list, and has a
// look at the key where that is to be refused.
func (f *fakeVendor) list(w http.ResponseWriter, r *http.Request) {
	for name := range f.Header {
		if strings.Contains(r.Header.Get(name), "refused") {
			http.Error(w, `{"error":{"message":"wrong `+name+`"}}`, http.StatusUnauthorized)
			return
		}
	}
	http.NotFound(w, r)
}

// end closes the vendor, though somebody may still be listening.
func (f *fakeVendor) end() {
	f.CloseClientConnections()
	f.Close()
}

// says answers with a text, whole.
func (f *fakeVendor) says(text string, finish provider.FinishReason) http.HandlerFunc {
	frames := f.Stream(providertest.Script{
		Text: pieces(text), Finish: finish, Usage: &provider.Usage{Input: 11, Output: 7},
	})
	return func(w http.ResponseWriter, _ *http.Request) { writeFrames(w, frames) }
}

// hangs begins to answer with a text, and then waits for the caller to go.
func (f *fakeVendor) hangs(text string) http.HandlerFunc {
	begin, _ := f.halves(text)
	return func(w http.ResponseWriter, r *http.Request) {
		writeFrames(w, begin)
		<-r.Context().Done()
		f.once.Do(func() { close(f.gone) })
	}
}

// pauses answers with a text, but does not end before it is resumed.
func (f *fakeVendor) pauses(text string) http.HandlerFunc {
	begin, rest := f.halves(text)
	return func(w http.ResponseWriter, r *http.Request) {
		writeFrames(w, begin)
		select {
		case <-f.resumed:
			writeFrames(w, rest)
		case <-r.Context().Done():
		}
	}
}

// halves are the frames of an answer up to its text, and after it.
func (f *fakeVendor) halves(text string) (begin, rest []providertest.Frame) {
	frames := f.Stream(providertest.Script{Text: []string{text}, Finish: provider.Stop})
	quoted := strings.Trim(strconv.Quote(text), `"`) // as JSON has it, for the texts of our scripts
	last := slices.IndexFunc(frames, func(frame providertest.Frame) bool { return strings.Contains(frame.Data, quoted) })
	return frames[:last+1], frames[last+1:]
}

// pieces cuts a text after each space, as models do.
func pieces(text string) []string { return strings.SplitAfter(text, " ") }

func writeFrames(w http.ResponseWriter, frames []providertest.Frame) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, frame := range frames {
		text := "data: " + frame.Data + "\n\n"
		if frame.Name != "" {
			text = "event: " + frame.Name + "\n" + text
		}
		_, _ = w.Write([]byte(text)) // the caller may have gone
		_ = http.NewResponseController(w).Flush()
	}
}

// vendor starts a vendor and points the script's environment at it:
// vendor anthropic|openai|gemini says|cut|hangs|pauses TEXT, or … fault NAME.
func vendor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: vendor anthropic|openai|gemini says|cut|hangs|pauses|fault TEXT")
	}
	for _, known := range vendors {
		if known.name != args[0] {
			continue
		}
		f := newVendor(known.vendor())
		f.start(f.answerOf(ts, args[1], args[2]))
		ts.Defer(f.end)
		ts.Setenv(known.address, f.URL+f.Suffix)
		ts.Setenv(known.key, providertest.Key)
		ts.Setenv("AICHAT_CHAT_MODEL", known.name+"/"+providertest.Model)
		*ts.Value("vendor").(**fakeVendor) = f
		return
	}
	ts.Fatalf("there is no vendor %q", args[0])
}

// answerOf is the answer that a script describes.
func (f *fakeVendor) answerOf(ts *testscript.TestScript, does, text string) http.HandlerFunc {
	switch does {
	case "says":
		return f.says(unquote(ts, text), provider.Stop)
	case "cut":
		return f.says(unquote(ts, text), provider.Length)
	case "hangs":
		return f.hangs(unquote(ts, text))
	case "pauses":
		return f.pauses(unquote(ts, text))
	case "fault":
		return faultNamed(ts, f.Vendor, text)
	default:
		ts.Fatalf("vendors do not know %q", does)
		return nil
	}
}

func faultNamed(ts *testscript.TestScript, v providertest.Vendor, name string) http.HandlerFunc {
	for _, f := range providertest.Faults(v) {
		if f.Name == name {
			return f.Serve
		}
	}
	ts.Fatalf("there is no fault %q", name)
	return nil
}
