package server

import (
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/visitor"
)

// Config is what an operator may set. Each setting is documented here, once:
// aichat-server config prints them all.
type Config struct {
	Listen string `setting:"listen" env:"AICHAT_SERVER_LISTEN" flag:"listen" default:"127.0.0.1:8080" help:"Address to listen on, as HOST:PORT. Put TLS in front before it is anything but loopback."`

	URL            string   `setting:"url" env:"AICHAT_SERVER_URL" flag:"url" unset:"http:// and the address it listens on" help:"The public address, such as https://chat.example.com, which links and sign-in lead to."`
	TrustedProxies []string `setting:"trusted_proxies" env:"AICHAT_SERVER_TRUSTED_PROXIES" unset:"none" help:"Networks and addresses of the proxies in front, whose X-Forwarded-For is believed, such as 10.0.0.0/8."`

	Database       string `setting:"database" env:"AICHAT_SERVER_DATABASE" flag:"database" secret:"url" unset:"server.db in the data folder" help:"A postgres:// URL or the path of a SQLite file."`
	DatabaseDirect string `setting:"database_direct" env:"AICHAT_SERVER_DATABASE_DIRECT" secret:"true" unset:"the database's own" help:"A postgres:// URL past a transaction pooler, for migrations."`

	SignUp        string   `setting:"signup" env:"AICHAT_SERVER_SIGNUP" default:"invite" help:"Who may sign up besides those who are invited: invite (nobody), domains (addresses at signup_domains) or open (everybody)."`
	SignUpDomains []string `setting:"signup_domains" env:"AICHAT_SERVER_SIGNUP_DOMAINS" unset:"none" help:"Domains whose addresses may sign up, such as example.com; those below one are not included."`

	AdminSocket string `setting:"admin_socket" env:"AICHAT_SERVER_ADMIN_SOCKET" unset:"beside the database, or in the data folder" help:"Absolute path of the Unix socket over which the other commands speak to a server that runs; in a folder of its own. none: there is no socket."`

	AccessLifetime  time.Duration `setting:"access_lifetime" env:"AICHAT_SERVER_ACCESS_LIFETIME" default:"15m" help:"How long a program's access token is good before it is renewed."`
	SessionIdle     time.Duration `setting:"session_idle" env:"AICHAT_SERVER_SESSION_IDLE" default:"720h" help:"How long a signed-in program may be silent before it has to sign in again."`
	SessionLifetime time.Duration `setting:"session_lifetime" env:"AICHAT_SERVER_SESSION_LIFETIME" default:"4320h" help:"How long a program stays signed in, however much it is used."`

	Grace time.Duration `setting:"grace" env:"AICHAT_SERVER_GRACE" flag:"grace" default:"30s" help:"How long running turns may take to end when the server is told to stop."`

	Patience time.Duration `setting:"patience" env:"AICHAT_SERVER_PATIENCE" default:"20s" help:"How long a provider that is overloaded may ask to be waited for before it is asked again; asked for more, the answer fails at once."`

	Plans        string `setting:"plans" env:"AICHAT_SERVER_PLANS" flag:"plans" unset:"the built-in ones" help:"Path of a TOML file with the plans: what accounts may use. A change of it holds at once, without a restart."`
	DefaultPlan  string `setting:"default_plan" env:"AICHAT_SERVER_DEFAULT_PLAN" flag:"default-plan" default:"free" help:"Name of the plan of accounts that have none of their own."`
	PlansContact string `setting:"plans_contact" env:"AICHAT_SERVER_PLANS_CONTACT" unset:"people are told to ask the operator" help:"Whom people ask for another plan, as aichat upgrade tells them: an e-mail address, or an https:// address."`

	Redis string `setting:"redis" env:"AICHAT_SERVER_REDIS" secret:"true" unset:"each server counts by itself" help:"A redis:// (or rediss://, or unix://) URL: several servers keep the rates of plans, and the limits of sign-in, together in it."`

	DefaultModel  string   `setting:"default_model" env:"AICHAT_SERVER_DEFAULT_MODEL" flag:"default-model" unset:"the first provider's own choice" help:"Model of new conversations that name none, as provider/name."`
	Fallbacks     []string `setting:"fallbacks" env:"AICHAT_SERVER_FALLBACKS" unset:"none" help:"Models to ask in the place of one that does not answer, in order, as anthropic/claude-opus-5-5 > openai/gpt-6.2-sol: one text a model. Only where nothing of the answer has come, and with keys of the same payer: a user's own, or yours."`
	Catalogue     string   `setting:"catalogue" env:"AICHAT_SERVER_CATALOGUE" flag:"catalogue" unset:"the built-in one" help:"Path of a JSON file with models and prices that replace or extend the built-in ones."`
	NoOllamaProbe bool     `setting:"no_ollama_probe" env:"AICHAT_SERVER_NO_OLLAMA_PROBE" default:"false" help:"Do not look whether an Ollama runs on this machine."`

	MasterKey        setting.Secret `setting:"master_key" env:"AICHAT_SERVER_MASTER_KEY" unset:"none; the server keeps no provider keys then" help:"The master key, made by aichat-server keys master, which seals the provider keys in the database. Several stand on lines of their own (in the variable with commas between them): the last one seals, all of them open."`
	MasterKeyCommand string         `setting:"master_key_command" env:"AICHAT_SERVER_MASTER_KEY_COMMAND" unset:"none" help:"A command of the shell that prints the master key, instead of master_key."`

	PrivateHosts []string `setting:"private_hosts" env:"AICHAT_SERVER_PRIVATE_HOSTS" unset:"none" help:"Hosts (gpu.internal), addresses (10.20.0.7) and networks (10.20.0.0/16), the first two also with one port (127.0.0.1:8000), that base URLs may lead to which people store with their keys, though they are private or speak http. This file's own base URLs may lead anywhere."`

	LogLevel  slog.Level `setting:"log_level" env:"AICHAT_SERVER_LOG_LEVEL" flag:"log-level" default:"info" help:"The least that is logged: debug, info, warn or error."`
	LogFormat string     `setting:"log_format" env:"AICHAT_SERVER_LOG_FORMAT" flag:"log-format" default:"text" help:"How the log is written to stderr: text or json."`

	Mail      MailConfig                `setting:"mail"`
	SignIn    map[string]SignInConfig   `setting:"signin"`
	Providers map[string]ProviderConfig `setting:"provider"`

	// ownMasterKey is the path of a local server's own master key, which is made when
	// there is a key to seal; empty: master_key says where it is.
	ownMasterKey string
}

// ProviderConfig is one provider of the operator's: the table [provider.NAME].
// The names anthropic, openai and gemini are the vendors themselves; any other
// name is an endpoint that speaks a dialect, and begins its models' ids.
type ProviderConfig struct {
	Key     setting.Secret `setting:"key" help:"The key; empty where none is wanted."`
	BaseURL string         `setting:"base_url" help:"Root of the API, as the vendor's own variable has it; empty: the vendor's address."`
	API     string         `setting:"api" help:"Dialect: anthropic, openai-responses, openai-chat or gemini; by the name if empty, openai-chat for others."`
}

// Check finds what the types do not.
func (c *Config) Check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen: %q is not HOST:PORT", c.Listen)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("log_format: %q is neither text nor json", c.LogFormat)
	}
	if c.Grace < 0 {
		return fmt.Errorf("grace: %v is negative", c.Grace)
	}
	if c.Patience <= 0 {
		return fmt.Errorf("patience: %v is not more than nothing; 1ms is as good as none", c.Patience)
	}
	if err := c.checkSignIn(); err != nil {
		return err
	}
	if err := c.Mail.Check(); err != nil {
		return err
	}
	if err := checkURL(c.URL); err != nil {
		return err
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	if _, err := c.reach(); err != nil {
		return err
	}
	if err := checkRedis(c.Redis); err != nil {
		return err
	}
	if err := checkContact(c.PlansContact); err != nil {
		return err
	}
	if _, err := c.fallbacks(); err != nil {
		return err
	}
	if err := c.checkMasterKey(); err != nil {
		return err
	}
	_, err := c.endpoints(nil)
	return err
}

// reach is what may be called on the word of others than the operator.
func (c *Config) reach() (*provider.Reach, error) {
	r, err := provider.NewReach(c.PrivateHosts)
	if err != nil {
		return nil, fmt.Errorf("private_hosts: %w", err)
	}
	return r, nil
}

func (c *Config) proxies() (visitor.Proxies, error) {
	p, err := visitor.ParseProxies(c.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("trusted_proxies: %w", err)
	}
	return p, nil
}

// checkURL takes an origin, as browsers know it: what is below it is ours.
func checkURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("url: %q is no address such as https://chat.example.com", text)
	}
	return nil
}

func (c *Config) catalogueOverrides() ([]byte, error) {
	if c.Catalogue == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.Catalogue)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return b, nil
}

// configKeyID names the keys of a configuration in the ledger.
const configKeyID = "config"

// endpoints are the operator's providers: those of the configuration by name,
// then those of the environment that it does not name.
func (c *Config) endpoints(env map[string]string) ([]provider.Endpoint, error) {
	var all []provider.Endpoint
	for _, name := range slices.Sorted(maps.Keys(c.Providers)) {
		e, err := c.Providers[name].endpoint(name)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	for _, e := range provider.FromEnvironment(env, openai.OllamaBaseURL) {
		if _, named := c.Providers[e.Provider]; !named {
			all = append(all, e)
		}
	}
	return all, nil
}

func (p ProviderConfig) endpoint(name string) (provider.Endpoint, error) {
	e := provider.Endpoint{
		Provider: name, API: provider.API(p.API), BaseURL: trimSlash(p.BaseURL),
		Key: vault.NewSecret(p.Key.Reveal()), KeyID: configKeyID,
	}
	switch name {
	case provider.DemoID:
		return e, fmt.Errorf("provider.%s: the built-in model's name cannot be given away", name)
	case provider.AnthropicID:
		return p.withAPI(e, provider.Anthropic)
	case provider.GeminiID:
		return p.withAPI(e, provider.Gemini)
	case provider.OpenAIID:
		return p.withAPI(e, provider.OpenAIAt(e.BaseURL))
	}
	if e.BaseURL == "" {
		return e, fmt.Errorf("provider.%s: base_url is missing", name)
	}
	return p.withAPI(e, provider.OpenAIChat)
}

// withAPI fills in the dialect where none is set.
func (p ProviderConfig) withAPI(e provider.Endpoint, usual provider.API) (provider.Endpoint, error) {
	switch e.API {
	case "":
		e.API = usual
	case provider.Anthropic, provider.OpenAIResponses, provider.OpenAIChat, provider.Gemini:
	default:
		return e, fmt.Errorf("provider.%s: api: %q is none of anthropic, openai-responses, openai-chat and gemini", e.Provider, p.API)
	}
	return e, nil
}

func trimSlash(url string) string {
	for len(url) > 0 && url[len(url)-1] == '/' {
		url = url[:len(url)-1]
	}
	return url
}
