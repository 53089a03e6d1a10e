package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wrongFlag says what is wrong about a flag that was typed, and what it takes.
func wrongFlag(cmd *cobra.Command, err error) error {
	see := "See: " + cmd.CommandPath() + " --help"
	var (
		value   *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
		unknown *pflag.NotExistError
	)
	switch {
	case errors.As(err, &value):
		return usage(see, "%s", wrongValue(value))
	case errors.As(err, &missing):
		return usage(see, "--%s takes %s, which is missing.", missing.GetFlag().Name, taken(missing.GetFlag()))
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		return usage(nearFlag(cmd, name, see), "%s has no flag %s.", cmd.CommandPath(), oneLine(name))
	}
	return usage(see, "%s", sentence(err.Error()))
}

func wrongValue(err *pflag.InvalidValueError) string {
	name, text := "--"+err.GetFlag().Name, oneLine(err.GetValue())
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Sprintf("%s: %q is too large.", name, text)
	}
	return fmt.Sprintf("%s takes %s, not %q.", name, taken(err.GetFlag()), text)
}

// taken names what a flag takes.
func taken(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false, or nothing"
	}
	word, _ := pflag.UnquoteUsage(f)
	if word == "" || word == "string" {
		return "a text"
	}
	return "a " + strings.ToUpper(word)
}

// nearFlag is a hint at the flag that may have been meant, else the help.
func nearFlag(cmd *cobra.Command, typed, see string) string {
	name := strings.TrimLeft(typed, "-")
	if len(name) < 3 {
		return see
	}
	hint := see
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if strings.HasPrefix(f.Name, name[:3]) && hint == see {
			hint = "Did you mean --" + f.Name + "? " + see
		}
	})
	return hint
}
