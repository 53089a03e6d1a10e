// Package proc reads what the kernel knows of another process: the time it has
// had on a CPU and the memory it holds. It works on Linux only, and says so
// elsewhere.
package proc

import "errors"

// ErrUnsupported is returned where the system does not tell.
var ErrUnsupported = errors.New("proc: this needs Linux")
