package main

import (
	"math"
	"strings"

	"github.com/spf13/cobra"
)

// askOptions is the command line of ask.
type askOptions struct {
	words []string
	files []string

	model  string
	system string
	last   bool   // -c: go on with the last conversation begun by ask
	chat   string // --chat: go on with this one
	noSave bool

	extract    bool
	json       bool
	streamJSON bool
	noStream   bool
	raw        bool
	quiet      bool
	verbose    bool

	maxTokens   int64   // 0: not given
	temperature float64 // NaN: not given

	given func(flag string) bool
}

// ask answers one question.
func (p *program) ask() *cobra.Command {
	o := askOptions{temperature: math.NaN()}
	cmd := &cobra.Command{
		Use:   "ask [flags] [PROMPT…]",
		Short: "Ask one question and print the answer",
		Long: `Ask one question and print the answer.

The prompt is the arguments, what is piped in, or both: the arguments first. On
a terminal the answer is shown as it comes; in a pipe, stdout holds the model's
text and nothing else.`,
		Example: `  aichat ask "what does errno 11 mean?"
  git diff --staged | aichat ask "write the commit message"
  aichat ask -f main.go -f main_test.go "which cases are not tested?"
  aichat ask -x "a shell line that counts the words in *.md" | sh
  aichat ask -c "and recursively?"
  aichat ask --json -n "one word: red or blue?" | jq -r .text`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.words = args
			p.verbose = o.verbose
			o.given = cmd.Flags().Changed
			return p.runAsk(cmd.Context(), o)
		},
	}
	o.register(cmd)
	p.completeModel(cmd)
	p.completeChatFlag(cmd)
	return cmd
}

func (o *askOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.model, "model", "m", "", "ask this `MODEL`: provider/name, or a name (see: aichat models)")
	f.StringVarP(&o.system, "system", "s", "", "a system prompt: who the model is, how it answers")
	f.StringArrayVarP(&o.files, "file", "f", nil, "quote this text `FILE` in the prompt; - is stdin (repeatable)")
	f.BoolVarP(&o.last, "continue", "c", false, "go on with the last conversation begun by ask on this machine")
	f.StringVar(&o.chat, "chat", "", "go on with the conversation of this `ID` (its beginning is enough)")
	f.BoolVarP(&o.noSave, "no-save", "n", false, "keep nothing: not stored, not synced, not searched")
	f.BoolVarP(&o.extract, "extract", "x", false, "print the first fenced code block of the answer only")
	f.BoolVar(&o.json, "json", false, "print one JSON object: text, model, finish, usage, cost, ids")
	f.BoolVar(&o.streamJSON, "stream-json", false, "print one JSON event a line, as they come")
	f.BoolVar(&o.noStream, "no-stream", false, "print the answer when it is whole")
	f.BoolVar(&o.raw, "raw", false, "show the answer's Markdown source, also on a terminal")
	f.Int64Var(&o.maxTokens, "max-tokens", 0, "end the answer after `N` tokens")
	f.Float64VarP(&o.temperature, "temperature", "t", o.temperature, "how freely the model chooses: `N` from 0 up")
	f.Lookup("temperature").DefValue = "0" // what help takes for none
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress, no warnings, no usage: errors only")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "say model, usage and ids on stderr, also in a pipe")
}

// check refuses what can be seen to be wrong before anything is read or sent.
func (o *askOptions) check() error {
	switch {
	case o.given("max-tokens") && o.maxTokens < 1:
		return usage("Leave it out for the model's own limit.", "--max-tokens must be at least 1.")
	case o.given("temperature") && (math.IsNaN(o.temperature) || math.IsInf(o.temperature, 0) || o.temperature < 0):
		return usage("Most models take 0 to 1 or 0 to 2.", "--temperature must be a number from 0 up.")
	case o.noSave && (o.last || o.chat != ""):
		return usage("Leave one of them out.", "--no-save keeps nothing, so it cannot go on with a conversation.")
	case o.last && o.chat != "":
		return usage("Leave one of them out.", "--continue and --chat name two conversations.")
	case o.json && o.streamJSON:
		return usage("Leave one of them out.", "--json prints one object, and --stream-json many.")
	case o.quiet && o.verbose:
		return usage("Leave one of them out.", "--quiet and --verbose do not go together.")
	case o.extract && o.streamJSON:
		return usage("Use --json --extract.", "--extract needs the whole answer, and --stream-json prints its pieces.")
	case o.given("chat") && o.chat == "":
		return usage("See: aichat chats list", "--chat is empty.")
	}
	for _, text := range []struct{ name, text string }{
		{"The prompt", strings.Join(o.words, " ")}, {"--system", o.system}, {"--model", o.model},
	} {
		if err := checkText(text.name, []byte(text.text)); err != nil {
			return err
		}
	}
	return nil
}
