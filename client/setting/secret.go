package setting

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
)

const hidden = "[secret]"

// Secret is a setting that cannot print itself, neither by fmt nor by slog nor
// by an encoder. The zero Secret is empty.
type Secret struct{ value, file string }

// NewSecret wraps a value. White space around it is no part of it: it comes with
// files and shells, and no token or key has any.
func NewSecret(value string) Secret { return Secret{value: strings.TrimSpace(value)} }

// Reveal returns the value itself.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is none.
func (s Secret) Empty() bool { return s.value == "" }

// Reread is the secret as its file holds it now, or as it is where it did not come
// from one.
func (s Secret) Reread() (Secret, error) {
	if s.file == "" {
		return s, nil
	}
	value, _, err := readSecret(s.file)
	return Secret{value: value, file: s.file}, err
}

// Format implements fmt.Formatter, so that no verb reaches the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText refuses: a Secret is written nowhere.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("setting: a secret is not marshalled")
}

// maxSecret is how long a secret in a file may be, in bytes.
const maxSecret = 64 << 10

// readSecret reads a secret from its file, without the white space around it.
func readSecret(path string) (value, warning string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", "", err
	}
	if warning, err = checkMode(info, path); err != nil {
		return "", "", err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch value = strings.TrimSpace(string(b)); {
	case err != nil:
		return "", "", err
	case len(b) > maxSecret:
		return "", "", fmt.Errorf("%s is larger than %d KiB: that is no secret", path, maxSecret>>10)
	case value == "":
		return "", "", fmt.Errorf("%s is empty", path)
	}
	return value, warning, nil
}

// checkMode looks at who else may use a secret's file. Secrets mounted into a
// container are commonly readable by all, hence only a warning for that.
func checkMode(info os.FileInfo, path string) (warning string, err error) {
	if runtime.GOOS == "windows" || !info.Mode().IsRegular() {
		return "", nil
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o022 != 0:
		return "", fmt.Errorf("%s may be written by others (mode %04o): chmod 600 it", path, mode)
	case mode&0o044 != 0:
		return fmt.Sprintf("%s may be read by others (mode %04o)", path, mode), nil
	}
	return "", nil
}
