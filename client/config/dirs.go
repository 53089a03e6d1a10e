package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Dirs are the folders of our files. Nothing says that they exist.
//
//	          Linux and others                    macOS                                      Windows
//	Config    $XDG_CONFIG_HOME/aichat             ~/Library/Application Support/aichat       %AppData%\aichat
//	          or ~/.config/aichat
//	Data      $XDG_DATA_HOME/aichat               ~/Library/Application Support/aichat       %LocalAppData%\aichat
//	          or ~/.local/share/aichat
//	State     $XDG_STATE_HOME/aichat              ~/Library/Application Support/aichat/state %LocalAppData%\aichat\state
//	          or ~/.local/state/aichat
//	Runtime   $XDG_RUNTIME_DIR/aichat or          the state folder's run                     the state folder's run
//	          the state folder's run
//
// On macOS and Windows the XDG variables win too, where they are set. As their
// specification asks, one that is no absolute path counts as not set.
type Dirs struct {
	Config  string // config.toml
	Data    string // aichat.db
	State   string // state.json, server.log
	Runtime string // server.sock; what does not outlive a login
}

// UserDirs are the folders of the user who runs the program.
func UserDirs() (Dirs, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // it is not needed where all of XDG is set
	}
	return dirs(runtime.GOOS, home, os.Getenv)
}

// dirs are the folders on a system, for a home and an environment.
func dirs(goos, home string, env func(string) string) (Dirs, error) {
	config, data, state := bases(goos, home, env)
	d := Dirs{
		Config: under(env("XDG_CONFIG_HOME"), config),
		Data:   under(env("XDG_DATA_HOME"), data),
		State:  under(env("XDG_STATE_HOME"), state),
	}
	if goos == "darwin" || goos == "windows" {
		// there is one folder for all: what we remember gets one in it
		if d.State == d.Data {
			d.State = filepath.Join(d.State, "state")
		}
	}
	d.Runtime = under(env("XDG_RUNTIME_DIR"), "")
	if d.Runtime == "" && d.State != "" {
		d.Runtime = filepath.Join(d.State, "run")
	}
	if d.Config == "" || d.Data == "" || d.State == "" {
		return Dirs{}, errors.New("there is no home folder: set HOME, or XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME")
	}
	return d, nil
}

// bases are the system's own places.
func bases(goos, home string, env func(string) string) (config, data, state string) {
	switch {
	case goos == "windows":
		local := env("LocalAppData")
		return env("AppData"), local, local
	case home == "":
		return "", "", ""
	case goos == "darwin":
		support := filepath.Join(home, "Library", "Application Support")
		return support, support, support
	}
	return filepath.Join(home, ".config"), filepath.Join(home, ".local", "share"), filepath.Join(home, ".local", "state")
}

// under is our folder below the first of two that is an absolute path; empty
// where neither is.
func under(first, second string) string {
	switch {
	case filepath.IsAbs(first):
		return filepath.Join(first, "aichat")
	case filepath.IsAbs(second):
		return filepath.Join(second, "aichat")
	}
	return ""
}
