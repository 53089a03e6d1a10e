// Package setting loads settings into a struct: defaults, then a TOML file,
// then the environment, then flags, each over what came before; and it says of
// every setting what it is called in each, what it is worth and where that came
// from. Both programs' configurations are such structs, so that help and
// documentation are made of the same tags that loading obeys.
//
//	type Config struct {
//		Listen string         `setting:"listen" env:"AICHAT_SERVER_LISTEN" flag:"listen" default:"127.0.0.1:8080" help:"Address to listen on."`
//		Limit  struct {
//			Body setting.Size `setting:"body" default:"8MiB" help:"…"` // [limit] body
//		} `setting:"limit"`
//		Provider map[string]struct { // [provider.NAME]
//			URL string         `setting:"url"`
//			Key setting.Secret `setting:"key"`
//		} `setting:"provider"`
//	}
//
// The tags:
//
//	setting  the name in the file; a field without it is no setting
//	env      the environment variable; an empty variable counts as not set
//	flag     the flag's name, without dashes
//	default  the default, as the environment would say it; none is the zero value
//	unset    what holds where there is neither a value nor a default, in words
//	help     one sentence or two
//	file     "false": not in the file
//	secret   "true": never printed; Secret fields are so anyway
//	         "url": a URL is never printed, a path is
//
// A field is a string, bool, integer, float64, time.Duration ("90s"), Size
// ("8MiB"), Secret, []string (in the environment separated by commas), anything
// that is an encoding.TextUnmarshaler, a struct (a table) or a map from string
// to struct (named tables, in the file only).
//
// Each secret may also stand in a file of its own: the variable NAME_FILE, or in
// the TOML file the key name_file, holds its path. Nobody else may be able to
// write such a file; that others can read it is a warning.
//
// A key that nobody knows is an error which names the nearest that is known.
//
// Nothing is done before Load is called, and a file that does not exist costs
// one system call. The package imports the standard library and a TOML library.
// It is under client because client/config needs it and the server may import
// it too.
package setting
