package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// checked is what became of checking a file.
type checked struct {
	OK       bool     `json:"ok"`
	Mistakes []string `json:"mistakes"` // each with its file and line
}

// printCheck says that a file is right, and what is in it; or its mistakes, a line
// each, which are the result: the error says that there are some.
func printCheck(cmd *cobra.Command, file, holds string, err error, asJSON bool) error {
	wrong := mistakes(err)
	if asJSON {
		if err := printJSON(cmd.OutOrStdout(), checked{len(wrong) == 0, wrong}); err != nil {
			return err
		}
	}
	switch {
	case len(wrong) == 0 && asJSON:
		return nil
	case len(wrong) == 0:
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is right: %s\n", file, holds)
		return err
	case !asJSON && len(wrong) == 1:
		return errors.New(wrong[0])
	case !asJSON:
		note(cmd, "%s", strings.Join(wrong, "\n"))
	}
	if len(wrong) == 1 {
		return fmt.Errorf("%s has a mistake", file)
	}
	return fmt.Errorf("%s has %d mistakes", file, len(wrong))
}

// mistakes are an error's lines; never nil, so that they are a list in JSON.
func mistakes(err error) []string {
	if err == nil {
		return []string{}
	}
	return strings.Split(sentence(err), "\n")
}
