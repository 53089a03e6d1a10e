package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// StateFile is the name of the state file in Dirs.State.
const StateFile = "state.json"

// State is what is remembered from one command to the next: small conveniences,
// which may be lost without harm. It is a file that only its owner can read.
type State struct{ path string }

// Facts are what is remembered of one profile.
type Facts struct {
	LastAsk   string `json:"last_ask,omitempty"`   // the conversation that ask began last
	LastModel string `json:"last_model,omitempty"` // the model asked last, as provider/name
}

// memory is the file's content.
type memory struct {
	Profiles map[string]Facts `json:"profiles"`
}

// NewState is the state in that folder, which need not exist yet.
func NewState(dir string) *State { return &State{path: filepath.Join(dir, StateFile)} }

// Facts are what is remembered of a profile, by Target.Profile. What cannot be
// understood counts as forgotten.
func (s *State) Facts(profile string) (Facts, error) {
	m, err := s.read()
	return m.Profiles[profile], err
}

// Remember changes what is remembered of a profile. Processes that do so at
// the same time do not undo each other's changes.
func (s *State) Remember(profile string, change func(*Facts)) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	lock := flock.New(s.path + ".lock")
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("state: lock: %w", err)
	}
	defer func() { _ = lock.Close() }() // the process's end would free it too
	m, err := s.read()
	if err != nil {
		return err
	}
	facts := m.Profiles[profile]
	before := facts
	if change(&facts); facts == before {
		return nil
	}
	if m.Profiles == nil {
		m.Profiles = map[string]Facts{}
	}
	m.Profiles[profile] = facts
	return s.write(m)
}

func (s *State) read() (memory, error) {
	var m memory
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("state: %w", err)
	}
	if json.Unmarshal(b, &m) != nil {
		return memory{}, nil //nolint:nilerr // forgotten, as the contract says
	}
	return m, nil
}

// write replaces the file in one step. It is not flushed to the disk: after a
// power cut it may be empty, which read takes for forgotten.
func (s *State) write(m memory) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(s.path), StateFile+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	_, err = tmp.Write(append(b, '\n'))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), s.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("state: %w", err)
	}
	return nil
}
