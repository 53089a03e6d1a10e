package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wrongArgs makes a refusal of arguments a matter of usage.
func wrongArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{wrongArgument(cmd, args, err)}
		}
		return nil
	}
}

// wrongArgument says what was typed wrong: a command that does not exist, or
// arguments that are not those of the usage line.
func wrongArgument(cmd *cobra.Command, args []string, err error) error {
	if cmd.HasSubCommands() && len(args) > 0 {
		cmd.SuggestionsMinimumDistance = 2 // what cobra itself takes, but only where it finds no command
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return fmt.Errorf("there is no command %q; did you mean %s %s?", args[0], cmd.CommandPath(), near[0])
		}
		return fmt.Errorf("there is no command %q; see %s --help", args[0], cmd.CommandPath())
	}
	if cmd.HasSubCommands() {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	return fmt.Errorf("type it as: %s", strings.Replace(cmd.UseLine(), " [flags]", "", 1))
}

// wrongFlag says what is wrong with a flag, and where to look.
func wrongFlag(cmd *cobra.Command, err error) error {
	text := err.Error()
	if wrong, is := errors.AsType[*pflag.InvalidValueError](err); is {
		text = fmt.Sprintf("--%s takes %s, not %q", wrong.GetFlag().Name, takenBy(wrong.GetFlag().Value.Type()), wrong.GetValue())
	}
	if number := belowZero(err); number != "" {
		text = number + " is no number that can be meant here"
	}
	return &usageError{fmt.Errorf("%s; see %s --help", text, cmd.CommandPath())}
}

// takenBy is what a flag of a type takes.
func takenBy(kind string) string {
	switch kind {
	case "int", "int64":
		return "a whole number"
	case "duration":
		return "how long, such as 90m or 720h"
	case "bool":
		return "true or false"
	}
	return "another value"
}

// belowZero is the negative number that was taken for a flag; empty: none was.
func belowZero(err error) string {
	unknown, is := errors.AsType[*pflag.NotExistError](err)
	if !is {
		return ""
	}
	if _, err := strconv.ParseFloat(unknown.GetSpecifiedShortnames(), 64); err != nil {
		return ""
	}
	return "-" + unknown.GetSpecifiedShortnames()
}

// checkWord wants a flag's value to be one of some words.
func checkWord(flag, word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("%s takes %s, not %q", flag, orList(words), word)
}

// orList is "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// mostRows is how many rows of a list can be asked for.
const mostRows = 1000

// checkLimit looks at --limit.
func checkLimit(n int) error {
	if n < 1 || n > mostRows {
		return fmt.Errorf("--limit takes a number from 1 to %d, not %d", mostRows, n)
	}
	return nil
}
