package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// onNothing is what a command does where there is no database.
type onNothing string

const (
	refuses  onNothing = "says that there is none, and makes none"
	founds   onNothing = "makes one, and says so"
	needless onNothing = "wants none, and makes none"
	serves   onNothing = "goes on until it is told to stop" // see TestServe, TestServeFounds and TestLocalIsOne
)

// whereNothingIs has every command, as it may be typed. A new one has to choose:
// whoever only looks or changes refuses, for the path may be mistyped; what begins
// a server founds.
var whereNothingIs = []struct {
	does  onNothing
	typed []string
}{
	{serves, []string{"serve", "local"}},
	{needless, []string{"", "config", "openapi", "version", "migrate", "users", "users token", "plans", "keys", "jobs", "mail",
		"keys master", "plans check FILE", "plans check", "models check FILE", "plans show --built-in"}},
	{founds, []string{"migrate up", "users add ada", "users owner", "users invite ada@example.com", "keys add anthropic"}},
	{refuses, []string{"migrate status",
		"users list", "users invitations", "users uninvite ada@example.com", "users role ada admin", "users remove ada --yes", "users audit",
		"users token create ada", "users token list ada", "users token revoke ada 0193a7c2",
		"plans list", "plans show free", "plans set ada pro",
		"usage", "usage check", "usage rebuild --yes",
		"keys list", "keys test 0193a7c2", "keys disable 0193a7c2", "keys enable 0193a7c2", "keys weight 0193a7c2 2", "keys remove 0193a7c2 --yes", "keys rotate",
		"models", "models list", "models show demo",
		"jobs list", "jobs retry 1", "jobs cancel 1", "mail test ada@example.com"}},
}

// TestCommandsOnNothing: of all commands only those that begin a server make a
// database where there is none.
func TestCommandsOnNothing(t *testing.T) {
	t.Parallel()
	left := commandPaths(newRoot(), "")
	for _, kind := range whereNothingIs {
		for _, typed := range kind.typed {
			left = slices.DeleteFunc(left, func(path string) bool { return strings.HasPrefix(typed+" ", path+" ") && path != "" || path == typed })
			if kind.does == serves {
				continue
			}
			t.Run(strings.ReplaceAll(typed, " ", "_"), func(t *testing.T) {
				t.Parallel()
				onNothingAt(t, t.TempDir(), kind.does, strings.Fields(typed))
			})
		}
	}
	if len(left) > 0 {
		t.Errorf("what do these commands do where there is no database? Say it in whereNothingIs: %q", left)
	}
}

// commandPaths are all commands, by what is typed behind the program's name.
func commandPaths(cmd *cobra.Command, path string) []string {
	all := []string{path}
	for _, c := range cmd.Commands() {
		all = append(all, commandPaths(c, strings.TrimSpace(path+" "+c.Name()))...)
	}
	return all
}

func onNothingAt(t *testing.T, dir string, does onNothing, args []string) {
	t.Helper()
	config, database := filepath.Join(dir, "server.toml"), filepath.Join(dir, "data", "mistyped.db")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status := run(append(args, "--config", config, "--database", database), &out, &errs)
	_, err := os.Stat(filepath.Dir(database))
	switch does {
	case founds:
		if err != nil || !strings.Contains(errs.String(), "there was no database at "+database+"; this is a new one") {
			t.Errorf("does not found: %v, %d\n%s", err, status, errs.String())
		}
	case refuses:
		if status != exitFailed || out.Len() > 0 || !strings.Contains(errs.String(), "there is no database at "+database+", and none was made") {
			t.Errorf("does not refuse: %d\n%s%s", status, out.String(), errs.String())
		}
		fallthrough
	default:
		if err == nil {
			t.Errorf("made something: %d\n%s%s", status, out.String(), errs.String())
		}
	}
}

// A file that is empty, or another program's, is no database of ours.
func TestCommandsOnAnotherFile(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if status := run([]string{"users", "list", "--database", empty}, &out, &errs); status != exitFailed || !strings.Contains(errs.String(), "there is no database at "+empty) {
		t.Errorf("%d %s%s", status, out.String(), errs.String())
	}
	if info, err := os.Stat(empty); err != nil || info.Size() > 0 {
		t.Errorf("%v %v", info, err)
	}
}

// A server that founds a database says so; one that is told to stop as soon as it
// serves has no trouble to tell of.
func TestServeFounds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, fresh := range []bool{true, false} {
		log := h.serve().stop()
		if strings.Contains(log, "this is a new one") != fresh || strings.Contains(log, `"ERROR"`) {
			t.Errorf("fresh: %v\n%s", fresh, log)
		}
	}
}
