package config_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/client/config"
)

func TestState(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	s := config.NewState(dir)
	if f, err := s.Facts("local"); err != nil || f != (config.Facts{}) {
		t.Errorf("before anything: %+v, %v", f, err)
	}
	for profile, id := range map[string]string{"local": "a", "https://x.example": "b"} {
		if err := s.Remember(profile, func(f *config.Facts) { f.LastAsk = id }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remember("local", func(f *config.Facts) { f.LastModel = "demo/demo" }); err != nil {
		t.Fatal(err)
	}
	again := config.NewState(dir)
	local, err := again.Facts("local")
	if other, _ := again.Facts("https://x.example"); err != nil || local != (config.Facts{LastAsk: "a", LastModel: "demo/demo"}) || other.LastAsk != "b" {
		t.Errorf("%+v, %+v, %v", local, other, err)
	}
	info, err := os.Stat(filepath.Join(dir, config.StateFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestStateUnchanged is not written again.
func TestStateUnchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := config.NewState(dir)
	if err := s.Remember("local", func(*config.Facts) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, config.StateFile)); !os.IsNotExist(err) {
		t.Errorf("nothing was remembered in a file: %v", err)
	}
}

func TestStateBroken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.StateFile), []byte(`{"profiles":{"local":{"last_ask":"a"`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := config.NewState(dir)
	if f, err := s.Facts("local"); err != nil || f != (config.Facts{}) {
		t.Errorf("%+v, %v", f, err)
	}
	if err := s.Remember("local", func(f *config.Facts) { f.LastAsk = "b" }); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Facts("local"); err != nil || f.LastAsk != "b" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestStateAtOnce loses no change, and leaves nothing else behind.
func TestStateAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			if err := config.NewState(dir).Remember(name, func(f *config.Facts) { f.LastAsk = name }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, name := range names {
		if f, err := config.NewState(dir).Facts(name); err != nil || f.LastAsk != name {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 { // with the lock
		t.Errorf("%v, %v", files, err)
	}
}
