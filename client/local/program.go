package local

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
)

// findProgram is the server's program: beside the running one (also beside what
// a symbolic link to it leads to), else on PATH.
func findProgram() (string, error) {
	self, err := os.Executable()
	if err == nil {
		target, _ := filepath.EvalSymlinks(self) // empty: then there is no other
		for _, path := range []string{self, target} {
			beside := filepath.Join(filepath.Dir(path), serverProgram)
			if info, err := os.Stat(beside); path != "" && err == nil && info.Mode().IsRegular() {
				return beside, nil
			}
		}
	}
	path, err := exec.LookPath(serverProgram)
	if err != nil {
		return "", errors.New(serverProgram + " is neither beside " + filepath.Base(self) +
			" nor on PATH: install it, or name a server with AICHAT_URL")
	}
	return path, nil
}

// ownVariables are the client's own, which are no business of the server's.
var ownVariables = []string{"AICHAT_URL", "AICHAT_TOKEN", "AICHAT_TOKEN_FILE", "AICHAT_PROFILE", "AICHAT_CHAT_MODEL"}

// serverEnv is the environment for the server. The providers' variables come
// with each request instead, from the terminal that it comes from: the terminal
// that happens to start the server must not lend its keys to the others.
func serverEnv(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(ownVariables, name) || slices.Contains(wire.ProviderVariables, name)
	})
}

// ProviderEnv collects the providers' variables that are set. lookup is
// os.LookupEnv where it is nil.
func ProviderEnv(lookup func(string) (string, bool)) wire.ProviderEnv {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	env := wire.ProviderEnv{}
	for _, name := range wire.ProviderVariables {
		if value, _ := lookup(name); value != "" {
			env[name] = value
		}
	}
	return env
}
