package setting_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/setting"
)

// TestMistakes names file, line and key of each.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file string
		env        []string
		want       string // @ stands for the file's path
	}{
		{"typo", "\nlisten = \"x\"\nlisten_ = 1", nil, "@:3: listen_: there is no such setting; did you mean listen?"},
		{"swapped letters", "\n\nlimti.body = \"1MiB\"", nil, "@:3: limti: there is no such setting; did you mean limit?"},
		{"typo in a table", "[limit]\nboby = \"1MiB\"", nil, "@:2: limit.boby: there is no such setting; did you mean limit.body?"},
		{"typo in a named table", "[provider.one]\n\nulr = \"x\"", nil, "@:3: provider.one.ulr: there is no such setting; did you mean provider.one.url?"},
		{"strange", "elephants = 3", nil, "@:1: elephants: there is no such setting"},
		{"not in the file", "env_only = \"x\"", nil, "@:1: env_only: is not set in the file but by X_ONLY"},
		{"syntax", "listen = \"x\"\ndebug = = 3", nil, "@:2:"},
		{"twice", "listen = \"x\"\nlisten = \"y\"", nil, "listen"},
		{"number for text", "listen = 8080", nil, "@:1: listen: is no text: write it in quotes"},
		{"text for number", "turns = \"8\"", nil, "@:1: turns: is a text where a number is wanted: write it without quotes"},
		{"fraction", "turns = 1.5", nil, "turns: is no number"},
		{"too large", "port = 65536", nil, "port: is too large"},
		{"negative", "port = -1", nil, "port: is too large, or negative"},
		{"no unit", "[limit]\nidle = 30", nil, "@:2: limit.idle: needs a unit"},
		{"bad duration", "[limit]\nidle = \"soon\"", nil, "limit.idle: \"soon\" is no duration"},
		{"bad size", "[limit]\nbody = \"8 gallons\"", nil, "limit.body: \"8 gallons\" is no size"},
		{"no list", "hosts = \"a\"", nil, "hosts: is a text where a list is wanted"},
		{"list of numbers", "hosts = [1]", nil, "hosts: is a list of something else than texts"},
		{"table for value", "[listen]\nx = 1", nil, "listen: is no text"},
		{"value for table", "limit = 3", nil, "@:1: limit: is a table: write [limit]"},
		{"value for named tables", "provider = 3", nil, "provider: is a table"},
		{"value for a named table", "[provider]\none = 3", nil, "@:2: provider.one: is no table: write [provider.NAME]"},
		{"variable", "", []string{"X_DEBUG", "perhaps"}, "env X_DEBUG: debug: \"perhaps\" is neither true nor false"},
		{"variable's number", "", []string{"X_TURNS", "many"}, "env X_TURNS: turns: \"many\" is no whole number"},
		{"both", "", []string{"X_KEY", "a", "X_KEY_FILE", "/b"}, "env X_KEY: key: X_KEY_FILE is set too"},
		{"secret's file", "", []string{"X_KEY_FILE", "/does/not/exist"}, "env X_KEY_FILE: key: open /does/not/exist"},
		{"secret's file in the file", "key_file = 3", nil, "@:1: key_file: is no path"},
		{"secret twice in the file", "key = \"a\"\nkey_file = \"b\"", nil, "@:2: key_file: key is set too"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			from := sources(t, tc.file, tc.env...)
			var c config
			_, err := setting.Load(&c, from)
			var e *setting.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), strings.ReplaceAll(tc.want, "@", from.File)) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestAllMistakesAtOnce, so that one need not mend and try, mend and try.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	var c config
	_, err := setting.Load(&c, sources(t, "debgu = true\nturns = \"8\"", "X_PORT", "x"))
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d mistakes: %v", n, err)
	}
}

func TestRequiredFile(t *testing.T) {
	t.Parallel()
	var c config
	from := setting.Sources{File: filepath.Join(t.TempDir(), "none.toml"), Required: true, Env: lookup()}
	if _, err := setting.Load(&c, from); err == nil || !strings.Contains(err.Error(), "none.toml: no such file") {
		t.Errorf("error is %v", err)
	}
	from.File = t.TempDir()
	from.Required = false
	if _, err := setting.Load(&c, from); err == nil {
		t.Error("a folder was read as a file")
	}
}

// TestOurOwnMistakes are told at the first Load.
func TestOurOwnMistakes(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]any{
		"no pointer": config{},
		"nil":        (*config)(nil),
		"no struct":  new(int),
		"unexported": &struct {
			x string `setting:"x"`
		}{},
		"bad default": &struct {
			X int `setting:"x" default:"many"`
		}{},
		"bad type": &struct {
			X complex64 `setting:"x"`
		}{},
		"twice": &struct {
			X string `setting:"x"`
			Y string `setting:"x"`
		}{},
	} {
		if _, err := setting.Load(cfg, setting.Sources{Env: lookup()}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
