//go:build linux || darwin || freebsd

package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckUser(t *testing.T) {
	t.Parallel()
	if err := checkUser(1000, 1000); err != nil {
		t.Error(err)
	}
	for _, peer := range []int{0, 1001} {
		if err := checkUser(peer, 1000); err == nil || !strings.Contains(err.Error(), "not spoken to") {
			t.Errorf("user %d: %v", peer, err)
		}
	}
}

// TestCheckPrivate also refuses what only looks like the folder.
func TestCheckPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own, file, link := filepath.Join(dir, "own"), filepath.Join(dir, "file"), filepath.Join(dir, "link")
	for _, err := range []error{os.Mkdir(own, 0o700), os.WriteFile(file, nil, 0o600), os.Symlink(own, link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := checkPrivate(own); err != nil {
		t.Error(err)
	}
	for _, path := range []string{file, link, filepath.Join(dir, "none")} {
		if err := checkPrivate(path); err == nil {
			t.Errorf("%s was taken for the user's own folder", path)
		}
	}
}
