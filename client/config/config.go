package config

import (
	"path/filepath"

	"github.com/aichat-term/aichat/client/setting"
)

// FileName is the name of the configuration file in Dirs.Config.
const FileName = "config.toml"

// Config is what config.toml and the environment say. The flag --profile is not
// in it but an argument of Target, which must tell the two apart.
type Config struct {
	Profile string `setting:"profile" env:"AICHAT_PROFILE" unset:"the one signed in to last, else local" help:"Which of the profiles to use; \"local\" is this machine's own server."`

	URL   string         `setting:"url" file:"false" env:"AICHAT_URL" unset:"the profile's server" help:"Address of the server, instead of a profile's."`
	Token setting.Secret `setting:"token" file:"false" env:"AICHAT_TOKEN" unset:"the profile's token" help:"Token to sign in with. It is sent to AICHAT_URL's origin only; without AICHAT_URL to that of the profile which the environment or the file names."`

	ChatModel string `setting:"chat_model" file:"false" env:"AICHAT_CHAT_MODEL" unset:"the conversation's, else the next" help:"Model to ask, whatever the conversation and the configuration say."`

	Model  string `setting:"model" unset:"the last one chosen, else the server's choice" help:"Model of new conversations, as provider/name."`
	System string `setting:"system" unset:"none" help:"System prompt of new conversations."`

	Credentials string `setting:"credentials" env:"AICHAT_CREDENTIALS" unset:"the keyring if it works, else the file" help:"Where the tokens of a sign-in are kept: \"keyring\", or \"file\" for credentials.json, which only you can read."`

	Profiles map[string]Profile `setting:"profiles"`

	// signedIn is the profile that somebody signed in to last; see Adopt.
	signedIn string
}

// Profile is a server with a name: the table [profiles.NAME].
type Profile struct {
	URL     string         `setting:"url" help:"Address of the server."`
	Token   setting.Secret `setting:"token" help:"Token to sign in with."`
	Account string         `setting:"account" help:"Account to act on; the personal one if empty."`
	Model   string         `setting:"model" help:"Model of new conversations there."`
	System  string         `setting:"system" help:"System prompt of new conversations there."`

	adopted bool // it is not the file's
}

// Adopt adds the profiles of servers that somebody signed in to, by name with
// their addresses, and the one that is the default as long as neither the
// environment nor the file names another. A profile of the file stays as it is.
func (c *Config) Adopt(addresses map[string]string, byDefault string) {
	for name, address := range addresses {
		if _, known := c.Profiles[name]; known {
			continue
		}
		if c.Profiles == nil {
			c.Profiles = map[string]Profile{}
		}
		c.Profiles[name] = Profile{URL: address, adopted: true}
	}
	c.signedIn = byDefault
}

// InFile reports whether the file has a profile of that name.
func (c *Config) InFile(name string) bool {
	p, ok := c.Profiles[name]
	return ok && !p.adopted
}

// Options say where a configuration is loaded from.
type Options struct {
	Dirs Dirs
	Env  func(string) (string, bool) // nil: os.LookupEnv
	Flag func(string) (string, bool) // nil: no flags; see setting.Sources
}

// Load loads the configuration. A file that is not there is no error.
func Load(o Options) (*Config, *setting.Loaded, error) {
	c := &Config{}
	loaded, err := setting.Load(c, setting.Sources{
		File: filepath.Join(o.Dirs.Config, FileName),
		Env:  o.Env,
		Flag: o.Flag,
	})
	return c, loaded, err
}
