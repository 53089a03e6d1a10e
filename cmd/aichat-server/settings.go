package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server"
)

// configVariable names the file that holds the settings.
const configVariable = "AICHAT_SERVER_CONFIG"

// fileName is the configuration's usual name, in the user's folder of ours.
const fileName = "server.toml"

// settings lends the configuration to the commands that want it: it is loaded
// when one asks, not before.
type settings struct{ flags *pflag.FlagSet }

// bindSettings gives every setting that has a flag its flag, made of the same
// tags as everything else that is said of it.
func bindSettings(root *cobra.Command) *settings {
	flags := root.PersistentFlags()
	flags.String("config", "", "TOML `file` with the settings, instead of "+fileName+" in the configuration folder ("+configVariable+")")
	all, err := setting.Describe(&server.Config{})
	if err != nil { // wrong tags: found by the first test that starts the program
		panic(err)
	}
	for _, s := range all {
		if s.Flag != "" {
			flags.String(s.Flag, "", flagHelp(s))
			flags.Lookup(s.Flag).DefValue = s.Default
		}
	}
	return &settings{flags}
}

func flagHelp(s setting.Setting) string {
	help := strings.TrimSuffix(s.Help, ".")
	if s.Unset != "" {
		help += "; without it " + s.Unset
	}
	return help + " (" + s.Env + ")"
}

// load reads the settings and fills in the database's usual place.
func (s *settings) load(warnings io.Writer) (server.Config, *setting.Loaded, error) {
	var c server.Config
	file, required := s.file()
	loaded, err := setting.Load(&c, setting.Sources{File: file, Required: required, Flag: s.flag})
	for _, w := range loaded.Warnings {
		_, _ = fmt.Fprintln(warnings, "warning: "+w) // a closed stderr is no reason to stop
	}
	if err == nil {
		err = located(loaded, c.Check())
	}
	if err != nil {
		return c, loaded, &usageError{err}
	}
	return c, loaded, usualPlaces(&c)
}

// loadWarily is load for commands that people look at when something is not as they
// have set it: it warns of variables that nobody reads.
func (s *settings) loadWarily(warnings io.Writer) (server.Config, *setting.Loaded, error) {
	if err := noteStrangers(warnings, os.Environ()); err != nil {
		return server.Config{}, nil, err
	}
	return s.load(warnings)
}

// located puts before a mistake in a setting where that setting is written: the
// mistake begins with the setting's key.
func located(loaded *setting.Loaded, err error) error {
	if err == nil {
		return nil
	}
	key, _, _ := strings.Cut(err.Error(), ":")
	switch where := loaded.Where(key); where {
	case "", "default":
		return err
	default:
		return fmt.Errorf("%s: %w", where, err)
	}
}

// usualPlaces fills in where things are kept that no setting names.
func usualPlaces(c *server.Config) error {
	dirs, err := config.UserDirs()
	if c.Database == "" {
		if err != nil {
			return fmt.Errorf("%w; or name a database with AICHAT_SERVER_DATABASE", err)
		}
		c.Database = filepath.Join(dirs.Data, "server.db")
	}
	switch {
	case c.AdminSocket != "":
	case err != nil && dirs.Data == "" && !filepath.IsAbs(c.Database):
		c.AdminSocket = server.NoSocket // a container without a home, on Postgres
	default:
		if c.AdminSocket, err = server.UsualAdminSocket(c.Database, dirs.Data); err != nil {
			return fmt.Errorf("the admin socket has no place: %w", err)
		}
	}
	return nil
}

func (s *settings) flag(name string) (string, bool) {
	f := s.flags.Lookup(name)
	if f == nil || !f.Changed {
		return "", false
	}
	return f.Value.String(), true
}

func (s *settings) file() (path string, required bool) {
	if f := s.flags.Lookup("config"); f.Changed {
		return f.Value.String(), true
	}
	if path := os.Getenv(configVariable); path != "" {
		return path, true
	}
	dirs, err := config.UserDirs()
	if err != nil {
		return "", false
	}
	return filepath.Join(dirs.Config, fileName), false
}

// newLogger writes the log to stderr, as the settings ask.
func newLogger(c server.Config, to io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, o))
	}
	return slog.New(slog.NewTextHandler(to, o))
}
