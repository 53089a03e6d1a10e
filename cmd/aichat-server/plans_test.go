package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
)

// TestPlans gives a user a plan with nothing running, and again while a server
// runs.
func TestPlans(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if out, errs, status := h.run("users", "add", "ada"); status != 0 {
		t.Fatalf("%d %s %s", status, out, errs)
	}
	accounts := func(plan string) int64 {
		t.Helper()
		out, errs, status := h.run("plans", "list", "--json")
		var all []wire.Plan
		if err := json.Unmarshal([]byte(out), &all); err != nil || status != 0 {
			t.Fatalf("%v %d %s %s", err, status, out, errs)
		}
		for _, p := range all {
			if p.Name == plan {
				return p.Accounts
			}
		}
		t.Fatalf("no plan %s in %s", plan, out)
		return 0
	}
	set := func(plan string) {
		t.Helper()
		if out, errs, status := h.run("plans", "set", "ada", plan); status != 0 || !strings.Contains(out, "ada: ") {
			t.Fatalf("%d %s %s", status, out, errs)
		}
	}
	set("pro")
	if n := accounts("pro"); n != 1 {
		t.Errorf("%d have pro", n)
	}
	if out, errs, status := h.run("plans", "set", "ada", "--month-day", "31"); status != 0 || !strings.Contains(out, "ada: pro; its months begin on day 31") {
		t.Errorf("%d %s %s", status, out, errs)
	}
	if _, errs, status := h.run("plans", "set", "ada", "--month-day", "32"); status != 2 || !strings.Contains(errs, "from 1 to 31") {
		t.Errorf("%d %s", status, errs)
	}
	h.serve()
	if out, errs, status := h.run("plans", "set", "ada", "--json"); status != 0 || !strings.Contains(out, `"month_day": 31`) || !strings.Contains(out, `"plan": "pro"`) {
		t.Errorf("%d %s %s", status, out, errs)
	}
	set("-")
	if n := accounts("pro"); n != 0 {
		t.Errorf("%d still have pro", n)
	}
	if _, errs, status := h.run("plans", "set", "ada", "gold"); status != 1 || !strings.Contains(errs, "plans list") {
		t.Errorf("%d %s", status, errs)
	}
	if out, _, status := h.run("plans", "show", "free"); status != 0 || !strings.Contains(out, "100 messages a day") || !strings.Contains(out, "$2.00 a month") {
		t.Errorf("%d %s", status, out)
	}
	if out, _, _ := h.run("users", "audit"); !strings.Contains(out, "plan_changed") {
		t.Errorf("%s", out)
	}
}

// TestPlansCheck: the built-in plans are a file to begin with, and mistakes are
// told with their lines.
func TestPlansCheck(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	built, _, status := h.run("plans", "show", "--built-in")
	path := filepath.Join(t.TempDir(), "plans.toml")
	if err := os.WriteFile(path, []byte(built), 0o600); err != nil || status != 0 {
		t.Fatal(status, err)
	}
	if out, errs, status := h.run("plans", "check", path); status != 0 || !strings.Contains(out, "free, pro, enterprise") {
		t.Errorf("%d %s %s", status, out, errs)
	}
	if err := os.WriteFile(path, []byte("[plan.a]\nstreams = 0\nmodels = [\"x\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := h.run("plans", "check", path); status != 1 || !strings.Contains(errs, "plans.toml has 2 mistakes") || !strings.Contains(errs, "plans.toml:2: streams") || !strings.Contains(errs, "plans.toml:3: models") {
		t.Errorf("%d %s", status, errs)
	}
	out, _, status := h.run("plans", "check", "--json", path)
	var got checked
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != 1 || got.OK || len(got.Mistakes) != 2 {
		t.Errorf("%v %d %s", err, status, out)
	}
}

// TestBrokenPlans: a file that gets a mistake while a server runs changes nothing,
// and whoever asks for the plans is told.
func TestBrokenPlans(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.path("plans.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.want(2, "which file?", "plans", "check")
	h.env = append(h.env, "AICHAT_SERVER_PLANS="+path)
	write("[plan.free]\nmodels = [\"demo/*\", \"lab/x\"]\n[plan.open]\n")
	h.want(0, "plans.toml is right: plans free, open", "plans", "check")
	h.serve()
	if out, errs, status := h.run("plans", "list"); status != 0 || errs != "" || out != `PLAN            TITLE  ACCOUNTS  LIMITS
free (default)  -      0         only the models demo/*
                                 and lab/x
open            -      0         none
` {
		t.Errorf("%d\n%s%s", status, out, errs)
	}
	write("[plan.free]\nmodels = \"demo/*\"\nstreams = \"three\"\n")
	h.want(1, "plans.toml has 2 mistakes", "plans", "check")
	h.until("is told what is wrong", func(out, errs string) bool {
		return strings.Contains(out, "only the models demo/*") && strings.Contains(errs, "plans.toml has been wrong since 20") &&
			strings.Contains(errs, "plans.toml:2: models is a list") && strings.Contains(errs, "plans.toml:3: streams is a")
	}, "plans", "list")
	write("[plan.free]\n")
	h.until("has the new plans", func(out, _ string) bool { return !strings.Contains(out, "lab/x") }, "plans", "list", "--json")
	if _, errs, status := h.run("plans", "list"); status != 0 || errs != "" {
		t.Errorf("mended: %d %s", status, errs)
	}
}
