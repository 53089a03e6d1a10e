package credential_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/credential"
)

func TestFileIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	s := store(t, newRing(), credential.FileOnly)
	signIn(t, s, work, tokens(1))
	info, err := os.Stat(s.Path())
	dir, dirErr := os.Stat(filepath.Dir(s.Path()))
	if err != nil || dirErr != nil || info.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v in %v; %v, %v", info.Mode(), dir.Mode(), err, dirErr)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o620, 0o602} {
		if err := os.Chmod(s.Path(), mode); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Profiles()
		if _, unsafe := errors.AsType[*credential.UnsafeError](err); !unsafe || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%v: %v", mode, err)
		}
		if _, err := s.Prove(t.Context()); err == nil {
			t.Errorf("%v: proven", mode)
		}
		if _, err := s.Keeper("work", origin).Load(t.Context()); err == nil {
			t.Errorf("%v: loaded", mode)
		}
	}
}

// TestBrokenFile says so, does not quote what stands in it, and is moved aside by
// the next sign-in.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"version":1,"profiles":{"work":null}}`, `{"version":"secret"}`, "[1]", "\x00\x00"} {
		s := store(t, newRing(), credential.FileOnly)
		signIn(t, s, work, tokens(1))
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Profiles()
		if _, yes := errors.AsType[*credential.CorruptError](err); !yes || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
		place := signIn(t, s, work, tokens(2))
		if place.Aside != s.Path()+".broken" && place.Aside != "" || load(t, s) != tokens(2) {
			t.Errorf("%q: %+v", text, place)
		}
		if b, err := os.ReadFile(s.Path() + ".broken"); err != nil || string(b) != text {
			t.Errorf("%q was moved as %q, %v", text, b, err)
		}
	}
	s := store(t, newRing(), credential.FileOnly)
	signIn(t, s, work, tokens(1))
	newer := []byte(`{"version":2,"profiles":{}}`)
	if err := os.WriteFile(s.Path(), newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Prove(t.Context()); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a newer program's file: %v", err)
	}
}

func TestLinkIsKept(t *testing.T) {
	t.Parallel()
	s := store(t, newRing(), credential.FileOnly)
	target := filepath.Join(t.TempDir(), "elsewhere.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(s.Path()), 0o700), os.WriteFile(target, []byte(`{"version":1}`), 0o600), os.Symlink(target, s.Path())); err != nil {
		t.Fatal(err)
	}
	signIn(t, s, work, tokens(1))
	if to, err := os.Readlink(s.Path()); err != nil || to != target || load(t, s) != tokens(1) {
		t.Errorf("%s, %v", to, err)
	}
}
