package setting_test

import (
	"os"
	"path/filepath"
	"reflect"
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
