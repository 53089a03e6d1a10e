package credential

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/aichat-term/aichat/client"
)

// FileName is the name of the file in Options.Dir.
const FileName = "credentials.json"

// Mode says where new tokens may be kept.
type Mode string

// The modes, as the setting credentials says them.
const (
	Auto        Mode = ""        // the keyring if it works, else the file
	FileOnly    Mode = "file"    // the file
	KeyringOnly Mode = "keyring" // the keyring, or nothing
)

// ParseMode reads a setting.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Auto, FileOnly, KeyringOnly:
		return m, nil
	}
	return Auto, fmt.Errorf("credentials are kept in \"file\" or in \"keyring\", not in %q", s)
}

// Options says where a Store keeps what.
type Options struct {
	Dir  string // the configuration's folder; need not exist
	Mode Mode

	// Ring is the keyring; nil is the system's.
	Ring Ring
	// Env looks a variable up; nil is os.LookupEnv.
	Env func(string) (string, bool)

	Logger *slog.Logger // nil: silent
}

// Store keeps credentials. It is safe for concurrent use, also by several
// processes. Nothing is opened before a method is called, and the keyring only
// where there is something in it.
type Store struct {
	path string
	mode Mode
	ring *keyring
	log  *slog.Logger
}

// New is the store in that folder.
func New(o Options) *Store {
	s := &Store{path: filepath.Join(o.Dir, FileName), mode: o.Mode, log: o.Logger}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	ring := o.Ring
	if ring == nil {
		ring = system{env: o.Env}
	}
	s.ring = &keyring{ring: ring, limit: ringLimit}
	return s
}

// Path is the file's path.
func (s *Store) Path() string { return s.path }

// Profile is a server that somebody signed in to.
type Profile struct {
	Name   string
	URL    string // as it was typed
	Origin string // whose the tokens are
	Kept   Kind   // where the tokens are; empty: signed out
}

// Kind says where tokens are.
type Kind string

// The places.
const (
	Nowhere   Kind = ""
	InKeyring Kind = "keyring"
	InFile    Kind = "file"
)

// Profiles are the servers that somebody signed in to, by name, and the name of
// the default one; empty: this machine's own. A file that is not there is none.
func (s *Store) Profiles() (known map[string]Profile, byDefault string, err error) {
	x, err := readIndex(s.path)
	if err != nil {
		return nil, "", err
	}
	known = make(map[string]Profile, len(x.Profiles))
	for name, e := range x.Profiles {
		known[name] = e.profile(name)
	}
	return known, x.Default, nil
}

// Place is where tokens will be kept, as was proven.
type Place struct {
	Kind Kind
	Path string // of the file, which lists the profiles in any case

	// Why the keyring is not used, where it was tried; nil otherwise.
	Why error
	// Aside is where an unreadable file was moved; empty: there was none.
	Aside string
}

// Prove finds out where tokens can be kept, by keeping something there. After it
// nothing but a disk that fills up meanwhile keeps SignIn from success.
func (s *Store) Prove(ctx context.Context) (Place, error) {
	p := Place{Kind: InFile, Path: s.path}
	aside, err := s.proveFile(ctx)
	if p.Aside = aside; err != nil {
		return p, err
	}
	if s.mode == FileOnly {
		return p, nil
	}
	if p.Why = s.ring.prove(ctx); p.Why == nil {
		p.Kind = InKeyring
		return p, nil
	}
	if s.mode == KeyringOnly {
		return p, &KeyringError{Err: p.Why}
	}
	return p, ctx.Err()
}

// proveFile finds out whether the file can be replaced, and moves one aside that
// cannot be understood.
func (s *Store) proveFile(ctx context.Context) (aside string, err error) {
	err = s.change(ctx, func(*index) error { return errUnchanged })
	if corrupt, yes := errors.AsType[*CorruptError](err); yes {
		aside, err = corrupt.moveAside()
	}
	if err != nil {
		return "", err
	}
	return aside, tryWrite(s.path)
}

// SignIn keeps a profile with its tokens, and makes it the default. Where the
// place that was proven does not take them after all, the file does.
func (s *Store) SignIn(ctx context.Context, p Profile, t client.Tokens, place Place) (Place, error) {
	err := s.change(ctx, func(x *index) error {
		e := s.entry(x, p)
		if err := s.put(ctx, x, p.Name, e, t, place.Kind); err != nil {
			place.Kind, place.Why = InFile, err
			if s.mode == KeyringOnly {
				return &KeyringError{Err: err}
			}
			if err := s.put(ctx, x, p.Name, e, t, InFile); err != nil {
				return err
			}
		}
		x.Default = p.Name
		return nil
	})
	return place, err
}

// entry is the profile's in the file, made anew where it was another origin's.
func (s *Store) entry(x *index, p Profile) *entry {
	e, ok := x.Profiles[p.Name]
	if ok && e.Origin != p.Origin {
		s.dropLater(x, p.Name, *e)
	}
	if !ok || e.Origin != p.Origin {
		e = &entry{Origin: p.Origin}
		x.Profiles[p.Name] = e
	}
	e.URL = p.URL
	return e
}

// SignOut forgets a profile's tokens; its address stays known. If it was the
// default, this machine's own server is again.
func (s *Store) SignOut(ctx context.Context, name string) error {
	return s.change(ctx, func(x *index) error {
		e, ok := x.Profiles[name]
		if !ok {
			return errUnchanged
		}
		s.drop(ctx, name, e)
		if x.Default == name {
			x.Default = ""
		}
		return nil
	})
}

// Keeper keeps the tokens of a profile, as far as they are of that origin.
func (s *Store) Keeper(profile, origin string) client.Keeper { return &keeper{s, profile, origin} }

// put keeps tokens in a place, and takes them out of where they were.
func (s *Store) put(ctx context.Context, x *index, name string, e *entry, t client.Tokens, kind Kind) error {
	if kind == InKeyring {
		next, err := s.ring.save(ctx, name, e, t)
		if err != nil {
			return err
		}
		s.dropLater(x, name, *e)
		e.Kept, e.Tokens, e.Slot, e.Pieces = InKeyring, nil, next.Slot, next.Pieces
		return nil
	}
	s.dropLater(x, name, *e)
	e.Kept, e.Tokens, e.Slot, e.Pieces = InFile, &t, "", 0
	return nil
}

// dropLater deletes what an entry has in the keyring when the file says that it
// is no longer there.
func (s *Store) dropLater(x *index, name string, e entry) {
	if e.Kept == InKeyring {
		x.after = append(x.after, func(ctx context.Context) { s.ring.remove(ctx, name, e) })
	}
}

// drop forgets an entry's tokens.
func (s *Store) drop(ctx context.Context, name string, e *entry) {
	if e.Kept == InKeyring {
		s.ring.remove(ctx, name, *e)
	}
	e.Kept, e.Tokens, e.Slot, e.Pieces = Nowhere, nil, "", 0
}

// lockWithin is how long the file may be held by others.
const lockWithin = 10 * time.Second

// change reads the file, changes it and writes it, while no other process does.
func (s *Store) change(ctx context.Context, f func(*index) error) error {
	unlock, err := lock(ctx, s.path+".lock", lockWithin)
	if err != nil {
		return err
	}
	defer unlock()
	x, err := readIndex(s.path)
	if err != nil {
		return err
	}
	switch err := f(x); {
	case errors.Is(err, errUnchanged):
		return nil
	case err != nil:
		return err
	}
	if err := writeIndex(s.path, x); err != nil {
		return err
	}
	for _, f := range x.after {
		f(ctx)
	}
	return nil
}

var errUnchanged = errors.New("nothing to change")

// KeyringError says that a keyring was asked for that does not work.
type KeyringError struct{ Err error }

func (e *KeyringError) Error() string { return "the keyring cannot be used: " + e.Err.Error() }
func (e *KeyringError) Unwrap() error { return e.Err }
