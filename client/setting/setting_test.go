package setting_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/setting"
)

type config struct {
	Listen string         `setting:"listen" env:"X_LISTEN" flag:"listen" default:"127.0.0.1:8080" help:"Where to listen | on."`
	Debug  bool           `setting:"debug" env:"X_DEBUG" flag:"debug"`
	Turns  int            `setting:"turns" env:"X_TURNS" default:"8"`
	Port   uint16         `setting:"port" env:"X_PORT"`
	Heat   float64        `setting:"heat" env:"X_HEAT" default:"0.5"`
	Hosts  []string       `setting:"hosts" env:"X_HOSTS" flag:"host" default:"a, b"`
	Key    setting.Secret `setting:"key" env:"X_KEY" help:"The key."`
	Limit  struct {
		Body setting.Size  `setting:"body" env:"X_BODY" default:"8MiB"`
		Idle time.Duration `setting:"idle" env:"X_IDLE" default:"15m"`
	} `setting:"limit"`
	Hidden   string              `setting:"hidden" secret:"true" env:"X_HIDDEN"`
	EnvOnly  string              `setting:"env_only" file:"false" env:"X_ONLY"`
	Provider map[string]endpoint `setting:"provider"`

	Ignored chan int
}

type endpoint struct {
	URL     string         `setting:"url" default:"http://localhost" help:"Its address."`
	Key     setting.Secret `setting:"key"`
	Timeout struct {
		First time.Duration `setting:"first" default:"1s"`
	} `setting:"timeout"`
}

// sources are a file of that text and an environment.
func sources(t *testing.T, file string, env ...string) setting.Sources {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.toml")
	if file != "" {
		write(t, path, file, 0o600)
	}
	return setting.Sources{File: path, Env: lookup(env...)}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func lookup(pairs ...string) func(string) (string, bool) {
	values := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := config{Listen: "old", Port: 7, Provider: map[string]endpoint{"old": {}}}
	loaded, err := setting.Load(&c, sources(t, ""))
	if err != nil || len(loaded.Warnings) != 0 {
		t.Fatal(err, loaded.Warnings)
	}
	want := config{Listen: "127.0.0.1:8080", Turns: 8, Heat: 0.5, Hosts: []string{"a", "b"}}
	want.Limit.Body, want.Limit.Idle = 8<<20, 15*time.Minute
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v", c)
	}
	for _, s := range loaded.Settings {
		if s.From != "default" {
			t.Errorf("%s is from %s", s.Key, s.From)
		}
	}
}

const file = `# settings
listen = "file:1"
debug = true
turns = 9
hosts = ["x", "y"]
limit.body = "64KiB"

[provider.one]
url = "http://one"
key = "k1"
timeout = { first = "2s" }
[provider."two.b"]
`

// TestOrder has file beat default, environment beat file and flag beat all.
func TestOrder(t *testing.T) {
	t.Parallel()
	from := sources(t, file, "X_TURNS", "10", "X_DEBUG", "", "X_HOSTS", "e1,,e2 ", "X_IDLE", "90s", "X_LISTEN", "env:1")
	from.Flag = lookup("listen", "flag:1", "debug", "false")
	var c config
	loaded, err := setting.Load(&c, from)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "flag:1" || c.Debug || c.Turns != 10 || !reflect.DeepEqual(c.Hosts, []string{"e1", "e2"}) ||
		c.Limit.Body != 64<<10 || c.Limit.Idle != 90*time.Second {
		t.Errorf("%+v", c)
	}
	one, two := c.Provider["one"], c.Provider["two.b"]
	if one.URL != "http://one" || one.Key.Reveal() != "k1" || one.Timeout.First != 2*time.Second ||
		two.URL != "http://localhost" || two.Timeout.First != time.Second || len(c.Provider) != 2 {
		t.Errorf("%+v", c.Provider)
	}
	for key, want := range map[string]string{
		"listen": "flag --listen", "debug": "flag --debug", "turns": "env X_TURNS", "hosts": "env X_HOSTS",
		"limit.idle": "env X_IDLE", "limit.body": from.File + ":6", "provider.one.url": from.File + ":9",
		"provider.one.timeout.first": from.File + ":11", "provider.two.b.url": "default", "heat": "default", "nothing": "",
	} {
		if got := loaded.Where(key); got != want {
			t.Errorf("%s is from %q, want %q", key, got, want)
		}
	}
}

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

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"own": 0o600, "read": 0o644, "write": 0o620} {
		write(t, filepath.Join(dir, name), "  s3cret\n\n", mode)
	}
	write(t, filepath.Join(dir, "empty"), "\n", 0o600)
	write(t, filepath.Join(dir, "huge"), strings.Repeat("x", 70<<10), 0o600)
	for name, want := range map[string]struct{ err, warning string }{
		"own": {}, "read": {warning: "may be read by others (mode 0644)"}, "write": {err: "chmod 600"},
		"empty": {err: "is empty"}, "huge": {err: "larger than"},
	} {
		var c config
		loaded, err := setting.Load(&c, sources(t, "", "X_KEY_FILE", filepath.Join(dir, name)))
		switch {
		case want.err != "":
			if err == nil || !strings.Contains(err.Error(), want.err) || !c.Key.Empty() {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil || c.Key.Reveal() != "s3cret" || loaded.Where("key") != "env X_KEY_FILE":
			t.Errorf("%s: %q from %s, %v", name, c.Key.Reveal(), loaded.Where("key"), err)
		case !strings.Contains(strings.Join(loaded.Warnings, ""), want.warning), (want.warning == "") != (len(loaded.Warnings) == 0):
			t.Errorf("%s: warnings %q", name, loaded.Warnings)
		}
	}
}

// TestReread is what stands in a secret's file by now.
func TestReread(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "own")
	write(t, path, "old", 0o600)
	var c config
	if _, err := setting.Load(&c, sources(t, "", "X_KEY_FILE", path)); err != nil {
		t.Fatal(err)
	}
	write(t, path, "new\n", 0o600)
	if s, err := c.Key.Reread(); err != nil || s.Reveal() != "new" || c.Key.Reveal() != "old" {
		t.Errorf("%q, %v", s.Reveal(), err)
	}
	if s, err := setting.NewSecret("set").Reread(); err != nil || s.Reveal() != "set" {
		t.Errorf("one without a file: %q, %v", s.Reveal(), err)
	}
}

// TestSecretFileBesideTheFile is found by its relative path.
func TestSecretFileBesideTheFile(t *testing.T) {
	t.Parallel()
	from := sources(t, "key_file = \"own\"\n[provider.one]\nkey_file = \"own\"")
	write(t, filepath.Join(filepath.Dir(from.File), "own"), "s3cret", 0o600)
	var c config
	loaded, err := setting.Load(&c, from)
	if err != nil || c.Key.Reveal() != "s3cret" || c.Provider["one"].Key.Reveal() != "s3cret" {
		t.Errorf("%v", err)
	}
	if got := loaded.Where("provider.one.key"); got != from.File+":3" {
		t.Errorf("from %q", got)
	}
}

func TestOpenFileWithSecret(t *testing.T) {
	t.Parallel()
	from := sources(t, "key = \"k\"")
	if err := os.Chmod(from.File, 0o644); err != nil {
		t.Fatal(err)
	}
	var c config
	loaded, err := setting.Load(&c, from)
	if err != nil || len(loaded.Warnings) != 1 || !strings.Contains(loaded.Warnings[0], "holds the secret key") {
		t.Errorf("%q, %v", loaded.Warnings, err)
	}
}

// TestSecretsStayHidden, whatever prints them.
func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	var c config
	loaded, err := setting.Load(&c, sources(t, "[provider.one]\nkey = \"s3cret\"", "X_KEY", "s3cret", "X_HIDDEN", "s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %s %q %x", c.Key, c.Key, c.Key, c.Key, c.Key, c.Key)
	fmt.Fprintf(&out, "%+v", c.Provider)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", c.Key)
	if err := setting.Print(&out, loaded.Settings); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%+v", loaded)
	if strings.Contains(out.String(), "s3cret") || strings.Contains(out.String(), fmt.Sprintf("%x", "s3cret")) {
		t.Errorf("a secret was printed: %s", out.String())
	}
	if _, err := json.Marshal(c.Key); err == nil {
		t.Error("a secret was marshalled")
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	settings, err := setting.Describe(&config{})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range settings {
		keys = append(keys, s.Key+" "+s.Type)
	}
	want := []string{
		"listen text", "debug true or false", "turns number", "port number", "heat number", "hosts list", "key secret",
		"limit.body size", "limit.idle duration", "hidden secret", "env_only text",
		"provider.NAME.url text", "provider.NAME.key secret", "provider.NAME.timeout.first duration",
	}
	if !reflect.DeepEqual(keys, want) {
		t.Errorf("%q", keys)
	}
	table := setting.Markdown(settings)
	for _, row := range []string{
		"| `listen` | `X_LISTEN` | `--listen` | `127.0.0.1:8080` | Where to listen \\| on. |",
		"| `key` | `X_KEY`, `X_KEY_FILE` |  |  | The key. |",
	} {
		if !strings.Contains(table, row+"\n") {
			t.Errorf("no row %q in\n%s", row, table)
		}
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	var c config
	from := sources(t, file)
	loaded, err := setting.Load(&c, from)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := setting.Print(&out, loaded.Settings); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"limit.body                    64KiB             " + from.File + ":6", "limit.idle                    15m0s             default"} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("no line %q in\n%s", line, out.String())
		}
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

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]setting.Size{
		"0": 0, "512": 512, "512B": 512, "64KiB": 64 << 10, " 8 MiB ": 8 << 20, "1GiB": 1 << 30, "1TiB": 1 << 40, "2kB": 2000, "2GB": 2e9,
	} {
		var s setting.Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q: %d, %v", text, s, err)
		}
		var again setting.Size
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%q prints as %s", text, s)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5GiB", "8388608TiB", "9223372036854775808", "1 mib"} {
		var s setting.Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d", text, s)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(file)
	f.Add("provider = {a={url=\"x\"}}")
	f.Add("[[provider]]\nx=1")
	f.Add("a.b.c.d = [{}]\n\"\" = 1")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "x.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var c config
		loaded, err := setting.Load(&c, setting.Sources{File: path, Env: lookup()})
		if loaded == nil || err == nil && len(loaded.Settings) < 11 {
			t.Errorf("%d settings, %v", len(loaded.Settings), err)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(file), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"none.toml", "x.toml"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var c config
				if _, err := setting.Load(&c, setting.Sources{File: filepath.Join(dir, name)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
