package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/version"
)

type versionOptions struct{ json, verbose bool }

// version prints which build this is. Without -v it asks nobody.
func (p *program) version() *cobra.Command {
	var o versionOptions
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  aichat version\n  aichat version -v    with the server's",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.printVersion(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "ask the server for its version as well (starts a local one)")
	return cmd
}

// versions is the JSON of `aichat version`.
type versions struct {
	Version  string          `json:"version"`
	Platform string          `json:"platform"`
	Go       string          `json:"go"`
	Server   *serverVersions `json:"server,omitempty"`
}

type serverVersions struct {
	Version   string `json:"version"`
	MinClient string `json:"min_client,omitempty"`
	Local     bool   `json:"local"`
}

func (p *program) printVersion(ctx context.Context, o versionOptions) error {
	v := versions{Version: version.String(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	if o.verbose {
		server, err := p.serverVersion(ctx)
		if err != nil {
			return err
		}
		v.Server = &server
	}
	if o.json {
		return p.printJSON(v)
	}
	text := "aichat " + v.Version + "\n"
	if v.Server != nil {
		where := "server"
		if v.Server.Local {
			where = "local server"
		}
		text += fmt.Sprintf("%s %s\n%s %s\n", where, oneLine(v.Server.Version), v.Go, v.Platform)
	}
	return p.print(text)
}

func (p *program) serverVersion(ctx context.Context) (serverVersions, error) {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return serverVersions{}, err
	}
	s, err := c.Server(ctx)
	if err != nil {
		return serverVersions{}, err
	}
	return serverVersions{Version: s.Version, MinClient: s.MinClient, Local: s.Local}, nil
}
