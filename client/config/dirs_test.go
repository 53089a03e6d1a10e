package config

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestDirs holds every system's places, as told on this one: its paths are
// Unix paths.
func TestDirs(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Log("paths are compared as Unix writes them")
		return
	}
	xdg := map[string]string{
		"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/run/user/1",
	}
	support := "/home/u/Library/Application Support/aichat"
	for _, tc := range []struct {
		name, goos, home string
		env              map[string]string
		want             Dirs
	}{
		{"Linux", "linux", "/home/u", nil, Dirs{
			"/home/u/.config/aichat", "/home/u/.local/share/aichat", "/home/u/.local/state/aichat", "/home/u/.local/state/aichat/run"}},
		{"Linux with XDG", "linux", "/home/u", xdg, Dirs{"/c/aichat", "/d/aichat", "/s/aichat", "/run/user/1/aichat"}},
		{"Linux without a home", "linux", "", xdg, Dirs{"/c/aichat", "/d/aichat", "/s/aichat", "/run/user/1/aichat"}},
		{"relative is not set", "linux", "/home/u", map[string]string{"XDG_DATA_HOME": "d", "XDG_RUNTIME_DIR": "."}, Dirs{
			"/home/u/.config/aichat", "/home/u/.local/share/aichat", "/home/u/.local/state/aichat", "/home/u/.local/state/aichat/run"}},
		{"macOS", "darwin", "/home/u", nil, Dirs{support, support, support + "/state", support + "/state/run"}},
		{"macOS with XDG", "darwin", "/home/u", xdg, Dirs{"/c/aichat", "/d/aichat", "/s/aichat", "/run/user/1/aichat"}},
		{"Windows", "windows", "", map[string]string{"AppData": "/roaming", "LocalAppData": "/local"}, Dirs{
			"/roaming/aichat", "/local/aichat", "/local/aichat/state", "/local/aichat/state/run"}},
	} {
		got, err := dirs(tc.goos, tc.home, func(name string) string { return tc.env[name] })
		if err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
	}
	if _, err := dirs("linux", "", func(string) string { return "" }); err == nil {
		t.Error("no home, and no error")
	}
}

func TestUserDirs(t *testing.T) {
	t.Setenv("HOME", "/home/somebody")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	d, err := UserDirs()
	if err != nil || !filepath.IsAbs(d.Config) || filepath.Base(d.Config) != "aichat" {
		t.Errorf("%+v, %v", d, err)
	}
}
