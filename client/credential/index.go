package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aichat-term/aichat/client"
)

// index is the file's content.
type index struct {
	Version  int               `json:"version"`
	Default  string            `json:"default,omitempty"`
	Profiles map[string]*entry `json:"profiles"`

	after []func(context.Context) // when it has been written
}

// entry is one profile in it.
type entry struct {
	URL    string `json:"url"`
	Origin string `json:"origin"`
	Kept   Kind   `json:"kept,omitempty"`

	Tokens *client.Tokens `json:"tokens,omitempty"` // InFile

	// InKeyring: in which of two slots the tokens are, in how many pieces.
	Slot   string `json:"slot,omitempty"`
	Pieces int    `json:"pieces,omitempty"`
}

func (e *entry) profile(name string) Profile {
	return Profile{Name: name, URL: e.URL, Origin: e.Origin, Kept: e.Kept}
}

// indexVersion is what this program writes. It reads no other: a newer program
// knows why it wrote one.
const indexVersion = 1

// maxIndex is how large the file may be, in bytes.
const maxIndex = 4 << 20

// CorruptError says that the file cannot be understood. Signing in moves it
// aside.
type CorruptError struct {
	Path string
	Err  error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s cannot be understood: %v", e.Path, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// moveAside renames the file, in the place of one moved before.
func (e *CorruptError) moveAside() (string, error) {
	aside := e.Path + ".broken"
	if err := os.Rename(e.Path, aside); err != nil {
		return "", fmt.Errorf("%w; it cannot be moved aside: %w", e, err)
	}
	return aside, nil
}

// UnsafeError says that others may have read or changed the file.
type UnsafeError struct {
	Path   string
	Reason string // a sentence's end: "may be read by others"
}

func (e *UnsafeError) Error() string { return e.Path + " " + e.Reason }

func readIndex(path string) (*index, error) {
	x := &index{Version: indexVersion, Profiles: map[string]*entry{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if err := safe(f); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxIndex+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxIndex:
		return nil, &CorruptError{Path: path, Err: errors.New("it is too large")}
	case len(b) == 0:
		return nil, &CorruptError{Path: path, Err: errors.New("it is empty")}
	}
	if json.Unmarshal(b, x) != nil { // its error may quote what stands there
		return nil, &CorruptError{Path: path, Err: errors.New("it is no JSON of ours")}
	}
	if x.Version != indexVersion {
		return nil, fmt.Errorf("%s was written by another version of aichat (its format is %d, not %d)", path, x.Version, indexVersion)
	}
	for name, e := range x.Profiles {
		if e == nil {
			return nil, &CorruptError{Path: path, Err: fmt.Errorf("the profile %q is empty", name)}
		}
	}
	if x.Profiles == nil {
		x.Profiles = map[string]*entry{}
	}
	return x, nil
}

// safe refuses a file that is not the reader's own and nobody else's.
func safe(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &UnsafeError{f.Name(), "is no plain file"}
	}
	return ownedAlone(f.Name(), info)
}

// writeIndex replaces the file in one step, and has it on the disk when it
// returns: a session's refresh token exists nowhere else.
func writeIndex(path string, x *index) error {
	b, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return err
	}
	path, tmp, err := temporary(path)
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(b, '\n'))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// tryWrite finds out whether the file could be replaced.
func tryWrite(path string) error {
	path, tmp, err := temporary(path)
	if err != nil {
		return err
	}
	_, err = tmp.Write(make([]byte, 4096)) // a disk that is full says so now
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err = errors.Join(err, os.Remove(tmp.Name())); err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

// temporary makes a file of mode 0600 beside the real one, which is where a link
// leads to, and returns that too.
func temporary(path string) (string, *os.File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return path, nil, err
	}
	tmp, err := os.CreateTemp(dir, FileName+".*")
	return path, tmp, err
}
