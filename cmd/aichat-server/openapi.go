package main

import (
	"bytes"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/server/httpapi"
)

func newOpenAPI() *cobra.Command {
	return &cobra.Command{
		Use:     "openapi",
		Short:   "Print the API's description, as served at /openapi.json",
		Args:    wrongArgs(cobra.NoArgs),
		Example: "  aichat-server openapi > openapi.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			doc, err := httpapi.Document(version.String())
			if err != nil {
				return err
			}
			var out bytes.Buffer
			if err := json.Indent(&out, doc, "", "  "); err != nil {
				return err
			}
			out.WriteByte('\n')
			_, err = out.WriteTo(cmd.OutOrStdout())
			return err
		},
	}
}
