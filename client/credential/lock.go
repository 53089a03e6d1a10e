package credential

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// lock takes a lock between processes, and waits for it no longer than within. A
// file system that has no locks is used without: a server forgives a token that
// is shown twice within half a minute.
func lock(ctx context.Context, path string, within time.Duration) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	f := flock.New(path, flock.SetPermissions(0o600))
	_, err = f.TryLockContext(limited, 20*time.Millisecond)
	switch {
	case err == nil:
		return func() { _ = f.Close() }, nil // the process's end would free it too
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		_ = f.Close()
		return func() {}, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case limited.Err() != nil:
		return nil, fmt.Errorf("another aichat holds %s for too long", path)
	}
	return nil, err
}
