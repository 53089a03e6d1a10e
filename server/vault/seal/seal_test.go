package seal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/vault/seal"
)

const secret = "sk-live-0123456789abcdef"

func sealer(t *testing.T, masters ...string) *seal.Sealer {
	t.Helper()
	s, err := seal.New(t.Context(), seal.Options{Source: written(strings.Join(masters, "\n"))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func key() vault.Key {
	return vault.Key{ID: "01", Owner: vault.User("u"), Provider: "box", BaseURL: "https://box.example.com/v1"}
}

// sealed is a key with its box.
func sealed(t *testing.T, s *seal.Sealer) vault.Sealed {
	t.Helper()
	k := key()
	box, master, err := s.Seal(t.Context(), vault.NewSecret(secret), &k)
	if err != nil {
		t.Fatal(err)
	}
	k.MasterKey = master
	return vault.Sealed{Key: k, Box: box}
}

func TestASealedKeyOpensForWhatItWasSealedFor(t *testing.T) {
	t.Parallel()
	s := sealer(t, seal.NewMaster())
	for name, tc := range map[string]struct {
		change func(*vault.Sealed)
		opens  bool
	}{
		"as it was":                {func(*vault.Sealed) {}, true},
		"another label":            {func(k *vault.Sealed) { k.Label, k.Weight, k.Disabled = "x", 7, true }, true},
		"another path":             {func(k *vault.Sealed) { k.BaseURL = "https://BOX.example.com:443/v2" }, true},
		"another host":             {func(k *vault.Sealed) { k.BaseURL = "https://box.example.org/v1" }, false},
		"another port":             {func(k *vault.Sealed) { k.BaseURL = "https://box.example.com:444/v1" }, false},
		"another scheme":           {func(k *vault.Sealed) { k.BaseURL = "http://box.example.com/v1" }, false},
		"the vendor's own":         {func(k *vault.Sealed) { k.BaseURL = "" }, false},
		"another provider":         {func(k *vault.Sealed) { k.Provider = "bo" }, false},
		"another row":              {func(k *vault.Sealed) { k.ID = "02" }, false},
		"another owner":            {func(k *vault.Sealed) { k.Owner = vault.User("v") }, false},
		"another kind of owner":    {func(k *vault.Sealed) { k.Owner = vault.Account("u") }, false},
		"what stands side by side": {func(k *vault.Sealed) { k.Provider, k.ID = "box0", "1" }, false},
		"an empty box":             {func(k *vault.Sealed) { k.Box = nil }, false},
		"the half of a box":        {func(k *vault.Sealed) { k.Box = k.Box[:len(k.Box)/2] }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := sealed(t, s)
			tc.change(&k)
			got, err := s.Open(k.Box, &k.Key)
			switch {
			case tc.opens && (err != nil || got.Reveal() != secret):
				t.Errorf("does not open: %v", err)
			case !tc.opens && !errors.Is(err, vault.ErrBroken):
				t.Errorf("got %v, want ErrBroken", err)
			}
		})
	}
}

func TestAFlippedBitDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := sealer(t, seal.NewMaster())
	k := sealed(t, s)
	for i := range len(k.Box) * 8 {
		box := bytes.Clone(k.Box)
		box[i/8] ^= 1 << (i % 8)
		if _, err := s.Open(box, &k.Key); !errors.Is(err, vault.ErrBroken) {
			t.Fatalf("opens with bit %d flipped: %v", i, err)
		}
	}
}

func TestSealingTwiceDiffers(t *testing.T) {
	t.Parallel()
	s := sealer(t, seal.NewMaster())
	a, b := sealed(t, s), sealed(t, s)
	if bytes.Equal(a.Box, b.Box) {
		t.Error("the same box twice")
	}
	if bytes.Contains(a.Box, []byte(secret)) {
		t.Error("the box holds the key")
	}
}

func TestTheNewestMasterSealsAndAllOpen(t *testing.T) {
	t.Parallel()
	older, newer, other := seal.NewMaster(), seal.NewMaster(), seal.NewMaster()
	before := sealed(t, sealer(t, older))
	both := sealer(t, "# made in spring, by ann", older, "", newer)
	if got, err := both.Open(before.Box, &before.Key); err != nil || got.Reveal() != secret {
		t.Errorf("the older one does not open: %v", err)
	}
	after := sealed(t, both)
	if want, err := seal.MasterID(newer); err != nil || after.MasterKey != want {
		t.Errorf("sealed by %s, want %s, %v", after.MasterKey, want, err)
	}
	if _, err := sealer(t, newer).Open(after.Box, &after.Key); err != nil {
		t.Errorf("without the older one: %v", err)
	}
	for name, s := range map[string]*seal.Sealer{"a wrong one": sealer(t, other), "none": sealer(t)} {
		if _, err := s.Open(after.Box, &after.Key); !errors.Is(err, vault.ErrNoMaster) {
			t.Errorf("%s: got %v, want ErrNoMaster", name, err)
		}
	}
}

func TestTheLastOneSealsThoughItWasThereBefore(t *testing.T) {
	t.Parallel()
	a, b := seal.NewMaster(), seal.NewMaster()
	s := sealer(t, a, b+", "+a)
	want, err := seal.MasterID(a)
	if ids := s.Masters(); err != nil || len(ids) != 2 || ids[1] != want || sealed(t, s).MasterKey != want {
		t.Errorf("masters %v, want %s last", ids, want)
	}
}

func TestWhatIsNoMasterKeyIsRefusedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	good := seal.NewMaster()
	last := good[len(good)-2 : len(good)-1]
	swapped := map[bool]string{true: "b", false: "a"}[last == "a"]
	for name, text := range map[string]string{
		"a password":       "correct horse battery staple",
		"one cut short":    good[:len(good)-4],
		"one with more":    good + "aaaa",
		"one mistyped":     good[:len(good)-2] + swapped + good[len(good)-1:],
		"a second one bad": good + "\n" + good[:20],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := seal.New(t.Context(), seal.Options{Source: written(text)})
			if err == nil {
				t.Fatal("taken")
			}
			if words := strings.Fields(text); strings.Contains(err.Error(), words[len(words)-1]) {
				t.Errorf("the error repeats the text: %v", err)
			}
			k := key()
			if _, _, err := s.Seal(t.Context(), vault.NewSecret(secret), &k); !fault.Is(err, fault.Unavailable) {
				t.Errorf("sealing: %v", err)
			}
		})
	}
}

func TestWithoutAMasterKeySealingSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s, err := seal.New(t.Context(), seal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := key()
	_, _, err = s.Seal(t.Context(), vault.NewSecret(secret), &k)
	if f := fault.Of(err); f.Kind != fault.Forbidden || !strings.Contains(f.Public(), "aichat-server keys master") {
		t.Errorf("got %v", err)
	}
}

func TestAFileOfOnesOwnIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db.master-key")
	open := func() *seal.Sealer {
		s, err := seal.New(t.Context(), seal.Options{Source: seal.File(path), Make: func() error { return seal.MakeFile(path) }})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	if _, err := os.Stat(path); err == nil {
		t.Error("made before there was a key to seal")
	}
	k := sealed(t, s)
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Fatalf("the file: %v, %v", info, err)
	}
	if got, err := open().Open(k.Box, &k.Key); err != nil || got.Reveal() != secret {
		t.Errorf("another process: %v", err)
	}
	if err := seal.MakeFile(path); err != nil {
		t.Error(err)
	}
	if _, err := open().Open(k.Box, &k.Key); err != nil {
		t.Errorf("it was made anew: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.New(t.Context(), seal.Options{Source: seal.File(path)}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
	own, _ := seal.New(t.Context(), seal.Options{Source: seal.File(path), Make: func() error { return seal.MakeFile(path) }})
	if f := fault.Of(own.Ready()); f.Kind != fault.Unavailable || !strings.Contains(f.Message, "chmod 600 "+path) {
		t.Errorf("its owner is not told what to do: %v", f)
	}
}

func TestMasterKeysAreReadAgain(t *testing.T) {
	t.Parallel()
	older, newer := seal.NewMaster(), seal.NewMaster()
	text, broken := older, error(nil)
	s, err := seal.New(t.Context(), seal.Options{Source: func(context.Context) (string, error) { return text, broken }})
	if err != nil {
		t.Fatal(err)
	}
	k := sealed(t, s)
	text += "\n" + newer
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.Masters()) != 2 || sealed(t, s).MasterKey == k.MasterKey {
		t.Error("the new one does not seal")
	}
	broken = errors.New("gone")
	if err := s.Reload(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := s.Open(k.Box, &k.Key); err != nil {
		t.Errorf("those that were there are gone: %v", err)
	}
}

func TestACommandTellsTheMasterKey(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Log("commands of a POSIX shell")
		return
	}
	master := seal.NewMaster()
	if text, err := seal.Command("echo " + master)(t.Context()); err != nil || strings.TrimSpace(text) != master {
		t.Errorf("got %v", err)
	}
	for _, line := range []string{"exit 3", "true", "no-such-command-here 2>&-"} {
		if _, err := seal.Command(line)(t.Context()); err == nil {
			t.Errorf("%q: no error", line)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := seal.Command("sleep 60")(ended); err == nil {
		t.Error("a command that does not end: no error")
	}
}

func BenchmarkOpen(b *testing.B) {
	s, err := seal.New(b.Context(), seal.Options{Source: written(seal.NewMaster())})
	if err != nil {
		b.Fatal(err)
	}
	k := key()
	box, master, err := s.Seal(b.Context(), vault.NewSecret(secret), &k)
	if err != nil {
		b.Fatal(err)
	}
	k.MasterKey = master
	for b.Loop() {
		if _, err := s.Open(box, &k); err != nil {
			b.Fatal(err)
		}
	}
}

// written is a seal.Source: a text.
func written(text string) seal.Source {
	return func(context.Context) (string, error) { return text, nil }
}
