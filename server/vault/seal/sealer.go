package seal

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// Options are what a Sealer is made of.
type Options struct {
	// Source reads the master keys' text; nil: there are none.
	Source Source

	// Make makes the first master key where there is none when a key is to be
	// sealed, so that Source finds it; nil: whoever adds the key is told what to do.
	Make func() error
}

// Sealer implements vault.Sealer.
type Sealer struct {
	options Options
	masters atomic.Pointer[masters]
	reading sync.Mutex
	trouble error // why the last reading failed; nil: it did not
}

// New reads the master keys. With an error there is a Sealer too: it opens and
// seals nothing until they can be read.
func New(ctx context.Context, o Options) (*Sealer, error) {
	s := &Sealer{options: o}
	s.masters.Store(&masters{})
	return s, s.Reload(ctx)
}

// Reload implements vault.Sealer.
func (s *Sealer) Reload(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.trouble = s.read(ctx)
	return s.trouble
}

func (s *Sealer) read(ctx context.Context) error {
	if s.options.Source == nil {
		return nil
	}
	text, err := s.options.Source(ctx)
	if err != nil {
		return err
	}
	m, err := parseMasters(text)
	if err != nil {
		return err
	}
	s.masters.Store(m)
	return nil
}

// Trouble is why the master keys could not be read the last time; nil: they could.
func (s *Sealer) Trouble() error {
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.trouble
}

// Masters implements vault.Sealer.
func (s *Sealer) Masters() []string { return s.masters.Load().ids }

// Seal implements vault.Sealer.
func (s *Sealer) Seal(ctx context.Context, secret vault.Secret, k *vault.Key) (box []byte, master string, err error) {
	m, err := s.some(ctx)
	if err != nil {
		return nil, "", err
	}
	plain := []byte(secret.Reveal())
	defer clear(plain)
	box, err = m.aead.Encrypt(plain, k.AssociatedData())
	return box, m.ids[len(m.ids)-1], err
}

// errNoMaster tells whoever adds a key why that cannot be.
var errNoMaster = &fault.Error{Kind: fault.Forbidden, Subject: "master_key",
	Message: `This server has no master key to seal provider keys with, so it keeps none. Its operator makes one with "aichat-server keys master" and names the file in AICHAT_SERVER_MASTER_KEY_FILE; a server that runs has to be started again.`}

// some are the master keys, of which there is one at least.
func (s *Sealer) some(ctx context.Context) (*masters, error) {
	if m := s.masters.Load(); m.aead != nil {
		return m, nil
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	if m := s.masters.Load(); m.aead != nil {
		return m, nil
	}
	if err := s.unready(); err != nil {
		return nil, err
	}
	if err := s.options.Make(); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The file of the master key cannot be written: %v.", err)
	}
	if err := s.read(ctx); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The file of the master key cannot be read: %v.", err)
	}
	return s.masters.Load(), nil
}

// Ready implements vault.Sealer.
func (s *Sealer) Ready() error {
	if s.masters.Load().aead != nil {
		return nil
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.unready()
}

// unready is why there are no master keys and none can be made; reading is held.
func (s *Sealer) unready() error {
	switch {
	case s.trouble != nil && s.options.Make != nil: // whoever asks owns the file
		return fault.Wrap(s.trouble, fault.Unavailable, "The master key's file cannot be used, so that no key can be kept: %v.", s.trouble)
	case s.trouble != nil:
		return fault.Wrap(s.trouble, fault.Unavailable, "The server cannot read its master keys, and so cannot keep a key; its log says why.")
	case s.options.Make == nil:
		return errNoMaster
	}
	return nil
}

// Open implements vault.Sealer.
func (s *Sealer) Open(box []byte, k *vault.Key) (vault.Secret, error) {
	m := s.masters.Load()
	if !m.has(k.MasterKey) {
		return vault.Secret{}, vault.ErrNoMaster
	}
	plain, err := m.aead.Decrypt(box, k.AssociatedData())
	if err != nil {
		return vault.Secret{}, vault.ErrBroken
	}
	defer clear(plain)
	return vault.NewSecret(string(plain)), nil
}
