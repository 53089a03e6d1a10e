package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/credential"
	"github.com/aichat-term/aichat/client/setting"
)

// config prints the settings.
func (p *program) config() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the settings, and where each came from",
		Long: `Print the settings, what each is worth and where that came from: a default, a
line of config.toml, a variable or a flag. Secrets are never printed.`,
		Example: "  aichat config\n  aichat config path\n  $EDITOR \"$(aichat config path config)\"",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat config --help", "There is no command %q under config.", oneLine(args[0]))
		},
		RunE: func(*cobra.Command, []string) error { return p.printConfig(asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	cmd.AddCommand(p.configPath())
	return cmd
}

// settingJSON is one setting in JSON.
type settingJSON struct {
	Key    string `json:"key"`
	Value  string `json:"value"`           // never a secret's
	Unset  string `json:"unset,omitempty"` // what holds where there is no value
	From   string `json:"from"`
	Env    string `json:"env,omitempty"`
	Secret bool   `json:"secret,omitempty"`
	Help   string `json:"help,omitempty"`
}

func (p *program) printConfig(asJSON bool) error {
	_, loaded, err := p.lenders.config()
	if err != nil {
		return err
	}
	signedIn, warning := p.signedIn()
	loaded.Settings = append(loaded.Settings, signedIn...)
	if warning != "" {
		loaded.Warnings = append(loaded.Warnings, warning)
	}
	if asJSON {
		out := make([]settingJSON, len(loaded.Settings))
		for i, s := range loaded.Settings {
			out[i] = settingJSON{s.Key, s.Value, s.Unset, s.From, s.Env, s.Secret, s.Help}
		}
		return p.printJSON(out)
	}
	var b strings.Builder
	if err := setting.Print(&b, loaded.Settings); err != nil {
		return failed(err, "The settings cannot be printed.")
	}
	for _, w := range loaded.Warnings {
		b.WriteString("warning: " + w + "\n")
	}
	return p.print(inert(b.String()))
}

// configPath prints where files live.
func (p *program) configPath() *cobra.Command {
	return &cobra.Command{
		Use:   "path [config|credentials|data|state|runtime]",
		Short: "Print where the files live",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) <= 1 {
				return nil
			}
			return usage("Use config, credentials, data, state or runtime.", "aichat config path takes one place at most.")
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dirs, err := p.lenders.dirs()
			if err != nil {
				return err
			}
			paths := places(dirs)
			if len(args) == 0 {
				t := table{head: []string{"", ""}}
				for _, place := range paths {
					t.rows = append(t.rows, []string{place[0], place[1]})
				}
				_, rows, _ := strings.Cut(t.render(0, style{}), "\n")
				return p.print(rows)
			}
			for _, place := range paths {
				if place[0] == args[0] {
					return p.print(place[1] + "\n")
				}
			}
			return usage("Use config, credentials, data, state or runtime.", "There is no place %q.", oneLine(args[0]))
		},
	}
}

// places are the files and folders that are ours, by name.
func places(dirs config.Dirs) [][2]string {
	return [][2]string{
		{"config", filepath.Join(dirs.Config, config.FileName)},
		{"credentials", filepath.Join(dirs.Config, credential.FileName)},
		{"data", dirs.Data},
		{"state", dirs.State},
		{"runtime", dirs.Runtime},
	}
}

// signedIn says which servers somebody signed in to and where that is kept, as if
// these were settings; and what is wrong with the list, if something is.
func (p *program) signedIn() (rows []setting.Setting, warning string) {
	kept, err := p.lenders.credentials()
	if err != nil {
		return nil, sentence(err.Error())
	}
	known, byDefault, err := kept.Profiles()
	if err != nil {
		return nil, sentence(err.Error())
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		key := "profiles." + name
		where := string(known[name].Kept)
		if known[name].Kept == credential.Nowhere {
			where = "signed out"
		} else if name == byDefault {
			where += ", the default"
		}
		rows = append(rows,
			setting.Setting{Key: key + ".url", Value: known[name].URL, From: kept.Path()},
			setting.Setting{Key: key + ".sign_in", Value: where, From: kept.Path(), Help: "Where the tokens of the sign-in are."})
	}
	return rows, ""
}
