package quota_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/quota"
)

func TestBuiltInPlans(t *testing.T) {
	t.Parallel()
	plans, err := quota.ParsePlans("plans.toml", quota.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(plans.Names(), " "); got != "free pro enterprise" {
		t.Errorf("plans %s", got)
	}
	free, _ := plans.Find("free")
	account := quota.Counter{Scope: quota.ForAccount, Period: quota.Month}
	if most := free.Most(account); most.MicroUSD != 2_000_000 || most.Tokens != 2_000_000 || most.Messages != quota.Unlimited {
		t.Errorf("free: %+v", most)
	}
	enterprise, _ := plans.Find("enterprise")
	if most := enterprise.Most(account); most != quota.NoLimit() || enterprise.Rates != (quota.Rates{}) {
		t.Errorf("enterprise: %+v %+v", most, enterprise.Rates)
	}
}

func TestParsePlans(t *testing.T) {
	t.Parallel()
	plans, err := quota.ParsePlans("p.toml", []byte(`
[plan.b]
title = "B"
models = ["demo/*", "openai/gpt-5"]
streams = 2
limit = [{for = "model", only = "openai/*", per = "day", messages = 0, usd = "0.000001"}]
[plan.a]
[[plan.a.limit]]
for = "member"
per = "month"
tokens = 5
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []quota.Plan{
		{Name: "b", Title: "B", Models: []string{"demo/*", "openai/gpt-5"}, Rates: quota.Rates{Streams: 2}, Limits: []quota.Limit{
			{Scope: quota.ForModel, Only: "openai/*", Period: quota.Day, Unit: quota.Messages},
			{Scope: quota.ForModel, Only: "openai/*", Period: quota.Day, Unit: quota.MicroUSD, Most: 1}}},
		{Name: "a", Limits: []quota.Limit{{Scope: quota.ForMember, Period: quota.Month, Unit: quota.Tokens, Most: 5}}},
	}
	if got := plans.All(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	b, _ := plans.Find("b")
	for model, allowed := range map[string]bool{"demo/echo": true, "openai/gpt-5": true, "openai/gpt-5-mini": false, "demo": false} {
		if b.Allows(model) != allowed {
			t.Errorf("%s: allowed is not %v", model, allowed)
		}
	}
}

// TestMistakesInPlans names file, line and what is wrong of each.
func TestMistakesInPlans(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "p.toml:1: there is no [plan.NAME]"},
		{"syntax", "[plan.a]\ntitle = \n", "p.toml:2:"},
		{"a key", "[plan.a]\ntitle = 'A'\nrequest_per_minute = 3\n", "p.toml:3: plan.a.request_per_minute is no setting"},
		{"a type", "[plan.a]\nstreams = 'many'\n", "p.toml:2:"},
		{"a name", "[plan.a]\n[plan.Gold]\n", `p.toml:2: the plan's name "Gold"`},
		{"a rate of nothing", "[plan.a]\n\nstreams = 0\n", "p.toml:3: streams must be at least 1"},
		{"a pattern", "[plan.a]\nmodels = ['gpt']\n", `p.toml:2: models: "gpt"`},
		{"a star inside", "[plan.a]\nmodels = ['op*/x*']\n", "p.toml:2: models"},
		{"a scope", "[plan.a]\n[[plan.a.limit]]\nfor = 'team'\nper = 'day'\ntokens = 1\n", `p.toml:3: for must be`},
		{"no period", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\ntokens = 1\n", `p.toml:2: per must be day or month, and is ""`},
		{"less than nothing", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\ntokens = -1\n", "p.toml:5: tokens must be"},
		{"no unit", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\n", "p.toml:2: the limit has none"},
		{"only", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nonly = 'demo/*'\nper = 'day'\ntokens = 1\n", "p.toml:4: only goes with"},
		{"dollars", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\nusd = '1.0000001'\n", "p.toml:5: usd must be"},
		{"the second limit", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\ntokens = 1\n[[plan.a.limit]]\nfor = 'key'\nper = 'year'\ntokens = 1\n", "p.toml:8: per must be"},
		{"two at once", "[plan.a]\nstreams = -1\nmodels = ['x']\n", "p.toml:3: models"},
	} {
		_, err := quota.ParsePlans("p.toml", []byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
}

// TestPlansFile: a change holds without a restart; one with a mistake changes
// nothing.
func TestPlansFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plans.toml")
	now := time.Now()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Second)
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	open := func() (*quota.PlansFile, error) {
		return quota.OpenPlans(path, "a", func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	}
	if _, err := open(); err == nil {
		t.Error("a file that is not there was read")
	}
	write("[plan.a]\nstreams = 0\n")
	if _, err := open(); err == nil || !strings.Contains(err.Error(), "plans.toml:2:") {
		t.Errorf("a mistake: %v", err)
	}
	write("[plan.a]\n")
	f, err := open()
	if err != nil {
		t.Fatal(err)
	}
	want := func(names string) {
		t.Helper()
		if got := strings.Join(f.Plans().Names(), " "); got != names {
			t.Errorf("plans %q, want %q", got, names)
		}
	}
	want("a")
	write("[plan.a]\n[plan.b]\n")
	want("a b")
	write("[plan.a\n")
	want("a b")
	if !strings.Contains(log.String(), "those before stay") {
		t.Errorf("logged %s", log.String())
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	want("a b")
	log.Reset()
	write("[plan.c]\n")
	want("a b")
	if !strings.Contains(log.String(), `there is no plan \"a\"`) {
		t.Errorf("logged %s", log.String())
	}
	write("[plan.a]\n[plan.c]\n")
	want("a c")
}
