package credential

import (
	"errors"
	"fmt"
	"os"

	ring "github.com/zalando/go-keyring"
)

// service is the name under which our secrets are listed in the system's keyring.
const service = "aichat"

// system is the system's own keyring: the Keychain, the Credential Manager, or
// the desktop's Secret Service.
type system struct {
	env func(string) (string, bool) // nil: os.LookupEnv
}

func (s system) Set(name, secret string) error {
	return s.with(func() error { return ring.Set(service, name, secret) })
}

func (s system) Get(name string) (secret string, err error) {
	err = s.with(func() (err error) {
		secret, err = ring.Get(service, name)
		return err
	})
	return secret, err
}

func (s system) Delete(name string) error {
	return s.with(func() error { return ring.Delete(service, name) })
}

// with runs a call if there is a keyring at all, and puts its error into our
// words where they are clearer.
func (s system) with(f func() error) error {
	env := s.env
	if env == nil {
		env = os.LookupEnv
	}
	if err := ready(env); err != nil {
		return err
	}
	switch err := f(); {
	case errors.Is(err, ring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, ring.ErrUnsupportedPlatform):
		return errors.New("this system has none that is known")
	case err != nil:
		return fmt.Errorf("the system says: %w", err)
	}
	return nil
}
