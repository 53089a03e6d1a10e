package subject

import (
	"errors"
	"fmt"
	"os/exec"
)

// withStderr adds what a failed command wrote on its standard error.
func withStderr(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return err
}
