//go:build !darwin && !windows

package credential

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// errNoBus says that there is no desktop session whose keyring could be asked.
var errNoBus = errors.New("there is no session bus here")

// busOnce has the address put where the library looks for it only once: the
// environment is the whole process's.
var busOnce sync.Mutex

// ready finds the session bus. Without one the library would start a daemon of
// its own for each command (dbus-launch), so it is not asked then.
func ready(env func(string) (string, bool)) error {
	address, _ := env(busVariable)
	if address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return setBus(address)
	}
	runtime, _ := env("XDG_RUNTIME_DIR")
	for _, dir := range []string{runtime, filepath.Join("/run/user", strconv.Itoa(os.Getuid()))} {
		socket := filepath.Join(dir, "bus")
		if info, err := os.Stat(socket); err == nil && filepath.IsAbs(socket) && info.Mode()&os.ModeSocket != 0 {
			return setBus("unix:path=" + socket)
		}
	}
	return errNoBus
}

const busVariable = "DBUS_SESSION_BUS_ADDRESS"

func setBus(address string) error {
	busOnce.Lock()
	defer busOnce.Unlock()
	if os.Getenv(busVariable) == address {
		return nil
	}
	return os.Setenv(busVariable, address)
}
