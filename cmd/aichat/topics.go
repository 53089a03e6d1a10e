package main

import "github.com/spf13/cobra"

// topics are the texts of `aichat help TOPIC`.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "exit-codes", Short: "what the exit status says", Long: helpExitCodes},
		{Use: "environment", Short: "the variables that are read", Long: helpEnvironment},
		{Use: "query", Short: "how chats are searched", Long: helpQuery},
	}
}

const helpExitCodes = `The exit status says what a script may do next.

    0  done; an answer cut short by its length limit, or refused by the model,
       is an answer (see "finish" in --json). Also: the output's reader left
    1  failed
    2  wrong usage, or input that cannot be sent: binary, too large, too long
       for its model, no such model
    4  the server wants you to sign in: aichat login (never: a provider refused
       its key); or the sign-in was turned down, or not approved in time
    5  your plan's allowance is used up
    6  the server limits your requests: try again later
    7  the model's provider failed: refused its key, limited, overloaded, broke
       off
    8  the server cannot be reached
    9  the answer was cancelled or interrupted elsewhere; what had come is kept
  130  stopped by ctrl+c        143  terminated

With --json or --stream-json a failure is JSON on stdout as well:
{"error":{"code":"provider_overloaded","status":7,"message":"…","hint":"…"}}`

const helpEnvironment = `Variables that are read.

  AICHAT_URL            the server to use instead of the local one
  AICHAT_TOKEN          the token for it
  AICHAT_PROFILE        which profile of the configuration to use
  AICHAT_CHAT_MODEL     the model for new questions, as provider/name
  AICHAT_CREDENTIALS    where sign-ins are kept: "keyring" or "file"

  ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY or GOOGLE_API_KEY, their
  ANTHROPIC_BASE_URL, OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL, and OLLAMA_HOST
                        passed to the local server with each request, and kept
                        in its memory only; never sent to any other server

  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM
                        whether and how to colour; TERM=dumb means plain text
  ACCESSIBLE            if not empty, the chats are drawn for a screen reader
  PAGER                 shows long output on a terminal (empty or "cat": none)
  EDITOR, VISUAL        write a long prompt
  BROWSER               opens the page of a sign-in ("none": nothing does)
  XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR
                        where files live; "aichat config path" prints them

The model is the first that is named by: the flag, AICHAT_CHAT_MODEL, the
conversation, the configuration, the last one chosen; else the server picks one
that it has a key for.`

const helpQuery = `How chats are searched. A message is found if it holds every term.

  word           the word, in any case, with or without its accents
  "two words"    the words next to each other, in this order
  pre*           any word that begins so
  foo_bar        the phrase "foo bar": what is no letter or digit parts words

Nothing in a query is an error, and there are no operators to escape.

  aichat chats search sqlite wal
  aichat chats search '"context deadline" time*'`
