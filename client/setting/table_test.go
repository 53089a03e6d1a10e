package setting_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/setting"
)

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
