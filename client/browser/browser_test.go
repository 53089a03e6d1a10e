package browser

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func env(pairs ...string) Env {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		goos string
		env  Env
		says string // empty: it may
	}{
		{"linux", env(), "no display"},
		{"linux", env("DISPLAY", ":0"), ""},
		{"linux", env("WAYLAND_DISPLAY", "wayland-0"), ""},
		{"linux", env("WSL_DISTRO_NAME", "Debian"), ""},
		{"linux", env("BROWSER", "firefox"), ""},
		{"linux", env("DISPLAY", ":0", "BROWSER", "none"), "BROWSER"},
		{"linux", env("DISPLAY", ":10", "SSH_CONNECTION", "a b c d"), "SSH"},
		{"darwin", env("SSH_TTY", "/dev/ttys0"), "SSH"},
		{"darwin", env("CI", "true"), "CI"},
		{"darwin", env("CI", "false"), ""},
		{"darwin", env(), ""},
		{"windows", env(), ""},
	} {
		if got := refused(c.goos, c.env); c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", c.goos, got, c.says)
		}
	}
}

func TestLaunchers(t *testing.T) {
	t.Parallel()
	const page = "https://chat.example.com/device?user_code=A&x='$(id)'"
	for _, c := range []struct {
		goos string
		env  Env
		want [][]string
	}{
		{"linux", env(), [][]string{{"xdg-open", page}}},
		{"linux", env("WSL_DISTRO_NAME", "Debian"), [][]string{{"wslview", page}, {"xdg-open", page}}},
		{"freebsd", env(), [][]string{{"xdg-open", page}}},
		{"darwin", env(), [][]string{{"/usr/bin/open", page}}},
		{"windows", env(), [][]string{{"rundll32", "url.dll,FileProtocolHandler", page}}},
		{"linux", env("BROWSER", "firefox"), [][]string{{"firefox", page}}},
		{"linux", env("BROWSER", "my-browser --new %s --then x"), [][]string{{"my-browser", "--new", page, "--then", "x"}}},
		{"linux", env("BROWSER", strings.Join([]string{"one", "", "two -w"}, string(os.PathListSeparator))), [][]string{{"one", page}, {"two", "-w", page}}},
		{"linux", env("BROWSER", "none"), [][]string{{"xdg-open", page}}},
	} {
		if got := launchers(c.goos, c.env, page); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.goos, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const origin = "https://chat.example.com"
	for address, good := range map[string]bool{
		origin + "/device?user_code=BCDF-GHJK":   true,
		"HTTPS://Chat.Example.com:443/device":    true,
		"http://chat.example.com/device":         false,
		"https://chat.example.com:8443/device":   false,
		"https://chat.example.com@evil.example/": false,
		"https://u@chat.example.com/":            false,
		"https://chat.example.com.evil/":         false,
		"file:///etc/passwd":                     false,
		"javascript:alert(1)":                    false,
		"-a Calculator":                          false,
		"https://chat.example.com/ -a x":         false,
		"https://chat.example.com/\x1b[2J":       false,
		"":                                       false,
	} {
		if err := Check(address, origin); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestOpen starts a real program, which is handed the address as one argument.
func TestOpen(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Log("the program is a shell script")
		return
	}
	dir := t.TempDir()
	told := filepath.Join(dir, "told")
	script := "#!/bin/sh\nprintf '%s|%s|%s' $# \"$1\" \"$(tty)\" > " + told + "\n"
	program := filepath.Join(dir, "browse")
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	const page = "https://chat.example.com/device?a=b&c='d';e"
	if err := Open(t.Context(), env("BROWSER", "/nowhere/browse:false:"+program), page, "https://chat.example.com"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(told); err != nil || string(b) != "1|"+page+"|not a tty" {
		t.Errorf("%s, %v", b, err)
	}
	if err := Open(t.Context(), env("BROWSER", "false"), page, "https://chat.example.com"); err == nil {
		t.Error("a browser that fails is no error")
	}
	if err := Open(t.Context(), env("BROWSER", program), "https://evil.example/", "https://chat.example.com"); err == nil {
		t.Error("a page elsewhere was opened")
	}
}
