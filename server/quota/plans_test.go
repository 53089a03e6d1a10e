package quota_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
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
offered = false
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
		{Name: "a", Private: true, Limits: []quota.Limit{{Scope: quota.ForMember, Period: quota.Month, Unit: quota.Tokens, Most: 5}}},
	}
	if got := plans.All(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := plans.Offered().Names(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("offered %q", got)
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
		{"nothing", "", "p.toml:1: there is no plan in the file"},
		{"syntax", "[plan.a]\ntitle = \n", "p.toml:2:9: this cannot be read as TOML: "},
		{"another table", "[plans.a]\n", "p.toml:1: plans belongs to no plan: a plan begins with a line such as [plan.free]"},
		{"no table", "plan = 5\n", "p.toml:1: plan is no setting"},
		{"no plan", "[plan]\nfree = 5\n[plan.a]\n", "p.toml:2: plan.free is no plan"},
		{"a key", "[plan.a]\ntitle = 'A'\nrequest_per_minute = 3\n", "p.toml:3: request_per_minute is no setting of a plan: there are title, offered,"},
		{"a limit's key", "[[plan.a.limit]]\nfor = 'key'\nper = 'day'\ncents = 1\ntokens = 1\n", "p.toml:4: cents is no setting of a limit: there are for,"},
		{"no truth", "[plan.a]\noffered = 'no'\n", "p.toml:2: offered is true or false, without quotes, such as offered = false"},
		{"a text", "[plan.a]\ntitle = 5\n", `p.toml:2: title is a text, in quotes, such as title = "Pro"`},
		{"no number", "[plan.a]\nstreams = 'many'\n", `p.toml:2: streams is a whole number, such as streams = 100, and is "many"`},
		{"a number in quotes", "[plan.a]\nstreams = '5'\n", "p.toml:2: streams is a number, without quotes: streams = 5"},
		{"a part of a number", "[plan.a]\nstreams = 2.5\n", "p.toml:2: streams is a whole number, such as streams = 100, and is 2.5"},
		{"no list", "[plan.a]\nmodels = 'demo/*'\n", `p.toml:2: models is a list, in brackets: models = ["demo/*"]`},
		{"no texts", "[plan.a]\nmodels = ['demo/*', 7]\n", `p.toml:2: models is a list of texts, such as models = ["anthropic/*"], and has 7 in it`},
		{"a name", "[plan.a]\n[plan.Gold]\n", `p.toml:2: the plan's name "Gold"`},
		{"a name with a dot", "[plan.a]\n[plan.'b.c']\n", `p.toml:2: the plan's name "b.c"`},
		{"a rate of nothing", "[plan.a]\n\nstreams = 0\n", "p.toml:3: streams must be at least 1"},
		{"a pattern", "[plan.a]\nmodels = ['gpt']\n", `p.toml:2: models: "gpt"`},
		{"a star inside", "[plan.a]\nmodels = ['op*/x*']\n", "p.toml:2: models"},
		{"single brackets", "[plan.a]\n[plan.a.limit]\nfor = 'key'\n", "p.toml:2: a limit begins with a line in double brackets: [[plan.a.limit]]"},
		{"a scope", "[plan.a]\n[[plan.a.limit]]\nfor = 'team'\nper = 'day'\ntokens = 1\n", `p.toml:3: for must be`},
		{"a scope that is no text", "[plan.a]\n[[plan.a.limit]]\nfor = 1\nper = 'day'\ntokens = 1\n", `p.toml:3: for is a text, in quotes, such as for = "account"`},
		{"no period", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\ntokens = 1\n", `p.toml:2: per must be day or month, and is ""`},
		{"less than nothing", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\ntokens = -1\n", "p.toml:5: tokens must be"},
		{"no unit", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\n", "p.toml:2: the limit has none"},
		{"only", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nonly = 'demo/*'\nper = 'day'\ntokens = 1\n", "p.toml:4: only goes with"},
		{"dollars", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\nusd = '1.0000001'\n", `p.toml:5: usd is dollars, in quotes, such as usd = "2.50", with at most 6`},
		{"dollars without quotes", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\nusd = 2.5\n", `p.toml:5: usd is dollars, in quotes: usd = "2.5"`},
		{"whole dollars without quotes", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\nusd = 20\n", `p.toml:5: usd is dollars, in quotes: usd = "20"`},
		{"the second limit", "[plan.a]\n[[plan.a.limit]]\nfor = 'key'\nper = 'day'\ntokens = 1\n[[plan.a.limit]]\nfor = 'key'\nper = 'year'\ntokens = 1\n", "p.toml:8: per must be"},
		{"two at once", "[plan.a]\nstreams = -1\nmodels = ['x']\n", "p.toml:3: models"},
	} {
		_, err := quota.ParsePlans("p.toml", []byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
}

// TestAllMistakesAtOnce: a file is mended in one go.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := quota.ParsePlans("p.toml", []byte(`[plan.a]
models = "demo/*"
stream = 3
streams = "4"
[[plan.a.limit]]
for = "acount"
per = "month"
usd = 2.5
[plan.b]
limit = 7
`))
	const want = `p.toml:2: models is a list, in brackets: models = ["demo/*"]
p.toml:3: stream is no setting of a plan: there are title, offered, models, reserve_output, requests_per_minute, tokens_per_minute, streams, session_streams, limit
p.toml:4: streams is a number, without quotes: streams = 4
p.toml:6: for must be account, member, model or key, and is "acount"
p.toml:8: usd is dollars, in quotes: usd = "2.5"
p.toml:10: a limit begins with a line in double brackets: [[plan.b.limit]]`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
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
	changed := now
	now = now.Add(time.Hour)
	if is := f.Trouble(); is == nil || is.File != path || !is.Since.Equal(changed) || !strings.Contains(is.Err.Error(), "plans.toml:1:") {
		t.Errorf("a mistake: trouble %+v", is)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	want("a b")
	if is := f.Trouble(); is == nil || !is.Since.Equal(now) || !errors.Is(is.Err, fs.ErrNotExist) {
		t.Errorf("away: trouble %+v", is)
	}
	log.Reset()
	write("[plan.c]\n")
	want("a b")
	if !strings.Contains(log.String(), `there is no plan \"a\"`) {
		t.Errorf("logged %s", log.String())
	}
	write("[plan.a]\n[plan.c]\n")
	want("a c")
	if is := f.Trouble(); is != nil {
		t.Errorf("mended: trouble %+v", is)
	}
}
