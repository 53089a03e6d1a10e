package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server"
)

func newConfig(s *settings) *cobra.Command {
	var docs, asJSON bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print every setting, what it is worth and where that comes from",
		Args:  wrongArgs(cobra.NoArgs),
		Example: `  aichat-server config
  aichat-server config --docs`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			if docs {
				return printDocs(out)
			}
			c, loaded, err := s.loadWarily(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			showPlaces(loaded.Settings, c)
			if asJSON {
				return printJSON(out, settingsOut(loaded.Settings))
			}
			return setting.Print(out, loaded.Settings)
		},
	}
	cmd.Flags().BoolVar(&docs, "docs", false, "print the documentation as a Markdown table instead")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// showPlaces fills in the paths that are used where none is set, which are no
// secrets.
func showPlaces(all []setting.Setting, c server.Config) {
	for i := range all {
		switch {
		case all[i].From != "default":
		case all[i].Key == "database":
			all[i].Value = c.Database
		case all[i].Key == "admin_socket":
			all[i].Value = c.AdminSocket
		}
	}
}

func printDocs(out io.Writer) error {
	all, err := setting.Describe(&server.Config{})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, setting.Markdown(all))
	return err
}

// shownSetting is a setting as --json prints it.
type shownSetting struct {
	Key     string `json:"key"`
	Env     string `json:"env,omitempty"`
	Flag    string `json:"flag,omitempty"`
	Default string `json:"default"`
	Unset   string `json:"unset,omitempty"` // what holds where there is neither
	Value   string `json:"value"`           // "[secret]" for a secret that is set
	From    string `json:"from"`
	Help    string `json:"help"`
}

func settingsOut(all []setting.Setting) []shownSetting {
	out := make([]shownSetting, len(all))
	for i, s := range all {
		out[i] = shownSetting{s.Key, s.Env, s.Flag, s.Default, s.Unset, s.Value, s.From, s.Help}
	}
	return out
}
