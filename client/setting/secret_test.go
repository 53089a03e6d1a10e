package setting_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/setting"
)

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

// An address without a password is no secret, and neither is a path.
func TestOpenFileWithAnAddress(t *testing.T) {
	t.Parallel()
	for address, secret := range map[string]bool{
		"/var/lib/a.db":                            false,
		"postgres://ada@db.example.com/chat":       false,
		"postgres://ada:s3cret@db.example.com":     true,
		"postgres://db/chat?password=s3cret":       true,
		"postgres://db/chat?sslpassword=s3cret":    true,
		"postgres://ada:s3c%ret@db.example.com/db": true,
	} {
		from := sources(t, fmt.Sprintf("database = %q", address))
		if err := os.Chmod(from.File, 0o644); err != nil {
			t.Fatal(err)
		}
		var c struct {
			Database string `setting:"database" env:"X_DATABASE" secret:"url"`
		}
		loaded, err := setting.Load(&c, from)
		if err != nil || (len(loaded.Warnings) > 0) != secret {
			t.Errorf("%s: warned of %q, %v", address, loaded.Warnings, err)
		}
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
