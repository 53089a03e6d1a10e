package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
)

const houseModels = `{"models": [
	{"provider": "lab", "name": "house", "context": 1000, "prices": [
		{"input": 1000000, "output": 2500000},
		{"input": 2000000, "output": 5000000, "above": 500},
		{"input": 1, "output": 2, "from": "2999-01-01"}]}
]}`

const labPlans = `[plan.free]
models = ["demo/*"]
[plan.lab]
models = ["lab/*", "demo/demo"]
`

// TestModels shows models with nothing running, and again while a server runs.
func TestModels(t *testing.T) {
	t.Parallel()
	h := newFoundedHome(t)
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return h.path(name)
	}
	h.env = append(h.env, "AICHAT_SERVER_CATALOGUE="+write("models.json", houseModels), "AICHAT_SERVER_PLANS="+write("plans.toml", labPlans),
		"AICHAT_SERVER_NO_OLLAMA_PROBE=true")
	look := func() {
		t.Helper()
		out, errs, status := h.run("models", "show", "house", "--json")
		var m wire.OperatorModel
		if err := json.Unmarshal([]byte(out), &m); err != nil || status != 0 {
			t.Fatalf("%v %d %s %s", err, status, out, errs)
		}
		if m.ID != "lab/house" || m.Origin != wire.OriginFile || m.Usable || !reflect.DeepEqual(m.Plans, []string{"lab"}) || len(m.Prices) != 3 ||
			m.Prices[1].Above != 500 || m.Prices[2].From != "2999-01-01" {
			t.Errorf("%+v", m)
		}
		out, errs, status = h.run("models", "list")
		if status != 0 || !strings.Contains(out, "demo/demo") || strings.Contains(out, "lab/house") || strings.Contains(out, "only in") {
			t.Errorf("%d %s %s", status, out, errs)
		}
		if out, _, _ := h.run("models", "--all"); !strings.Contains(out, "lab/house") || !strings.Contains(out, "none  more prices, from your file of models, only in lab") {
			t.Errorf("%s", out)
		}
	}
	look()
	h.serve()
	look()
	if out, _, _ := h.run("models", "show", "lab/house"); !strings.Contains(out, "above 500") || !strings.Contains(out, "2.5") || !strings.Contains(out, "your file of models") {
		t.Errorf("%s", out)
	}
	if _, errs, status := h.run("models", "show", "nonesuch"); status != 1 || !strings.Contains(errs, "models list --all") {
		t.Errorf("%d %s", status, errs)
	}
	if out, errs, status := h.run("models", "check", h.path("models.json")); status != 0 || !strings.Contains(out, "is right") {
		t.Errorf("%d %s %s", status, out, errs)
	}
	wrong := write("wrong.json", "{\"models\": [\n{\"provider\": \"lab\", \"name\": \"x\", \"prices\": [{\"input\": 1, \"above\": 5}]}]}")
	if _, errs, status := h.run("models", "check", wrong); status != 1 || strings.Count(errs, "line 2") != 1 || strings.Count(errs, "above") != 1 {
		t.Errorf("%d %s", status, errs)
	}
	if out, _, status := h.run("models", "check", "--json", wrong); status != 1 || !strings.Contains(out, `"ok": false`) {
		t.Errorf("%d %s", status, out)
	}
}
