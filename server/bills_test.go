package server_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/anthropic"
	"github.com/aichat-term/aichat/server/provider/gemini"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/usage"
)

// golden is a usage as a vendor reports it, and what the vendor bills for it by
// its list of prices.
type golden struct {
	Model    string          `json:"model"`
	At       time.Time       `json:"at"`
	Bill     string          `json:"bill"` // the sum, for people; per million tokens
	MicroUSD int64           `json:"micro_usd"`
	Tokens   provider.Usage  `json:"tokens"`
	Usage    json.RawMessage `json:"usage"`
}

// operators are the prices of models that the catalogue does not have.
const operators = `{"models": [
	{"provider": "lab", "name": "grok", "price": {"input": 2000000, "cached_read": 500000, "cached_write": 2000000, "output": 6000000}},
	{"provider": "lab", "name": "deepseek", "price": {"input": 280000, "cached_read": 28000, "cached_write": 280000, "output": 420000}}
]}`

// TestBills: a call costs what its provider bills for the usage that it reports,
// to the micro-dollar.
func TestBills(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bills/*.json")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	catalogue, err := provider.LoadCatalogue([]byte(operators))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var g golden
			decode(t, raw, &g)
			vendor, model, _ := provider.SplitID(g.Model)
			m, ok := catalogue.Lookup(vendor, model)
			if !ok {
				t.Fatalf("there is no %s", g.Model)
			}
			e := billed(t, dialectOf(t, name), m, &g)
			if e.Tokens != g.Tokens || e.CostMicroUSD != g.MicroUSD || e.Source != usage.Reported || !e.PriceKnown {
				t.Errorf("%+v for %d micro-dollars (%s), want %+v for %d (%s)", e.Tokens, e.CostMicroUSD, e.Source, g.Tokens, g.MicroUSD, g.Bill)
			}
			if again := e.Price.Cost(e.Tokens); again != e.CostMicroUSD {
				t.Errorf("the price that the row keeps makes %d of it", again)
			}
		})
	}
}

// dialect is how a vendor is spoken to, and how its answer "Yes." ends with a
// usage.
type dialect struct {
	adapter func(*http.Client) provider.Provider
	answer  string
}

var dialects = map[string]dialect{
	"anthropic": {
		func(c *http.Client) provider.Provider { return anthropic.New(c, nil) },
		`{"type":"message_start","message":{"usage":%[1]s}}
{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Yes."}}
{"type":"content_block_stop","index":0}
{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":%[1]s}
{"type":"message_stop"}`,
	},
	"openai-responses": {
		func(c *http.Client) provider.Provider { return openai.NewResponses(openai.Options{HTTP: c}) },
		`{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Yes."}
{"type":"response.completed","response":{"id":"r","status":"completed","usage":%[1]s}}`,
	},
	"openai-chat": {
		func(c *http.Client) provider.Provider { return openai.NewChat(openai.Options{HTTP: c}) },
		`{"choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}
{"choices":[],"usage":%[1]s}
[DONE]`,
	},
	"gemini": {
		func(c *http.Client) provider.Provider { return gemini.New(c, nil) },
		`{"candidates":[{"content":{"parts":[{"text":"Yes."}]},"finishReason":"STOP","index":0}],"usageMetadata":%[1]s}`,
	},
}

func dialectOf(t *testing.T, name string) dialect {
	t.Helper()
	for prefix, d := range dialects {
		if strings.HasPrefix(name, prefix+"-") {
			return d
		}
	}
	t.Fatalf("%s is of no dialect", name)
	return dialect{}
}

// billed is the ledger's row of a call that is answered with the golden usage.
func billed(t *testing.T, d dialect, m provider.Model, g *golden) usage.Entry {
	t.Helper()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for line := range strings.SplitSeq(fmt.Sprintf(d.answer, g.Usage), "\n") {
			_, _ = fmt.Fprintf(w, "data: %s\n\n", line) // who has gone is seen by the test
		}
	}))
	defer vendor.Close()
	caller := generate.New(generate.Options{Attempts: 1, Now: func() time.Time { return g.At }, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	r := caller.Run(t.Context(), &generate.Call{
		Account: "a", Kind: usage.Answer,
		Route:   provider.Route{Provider: d.adapter(vendor.Client()), Endpoint: provider.Endpoint{Provider: m.Provider, BaseURL: vendor.URL}, Model: m},
		Request: &provider.Request{Model: m.Name, Messages: []provider.Message{{Role: provider.User, Parts: []provider.Part{{Type: provider.Text, Text: "Is it?"}}}}},
	}, deaf{})
	if r.Err != nil || len(r.Entries) != 1 {
		t.Fatalf("%v, %+v", r.Err, r.Entries)
	}
	return r.Entries[0]
}

// deaf hears nothing of an answer.
type deaf struct{}

func (deaf) Event(*provider.Event)  {}
func (deaf) Flush()                 {}
func (deaf) Retrying(generate.Next) {}
