package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/setting"
)

const file = `
profile = "work"
model = "openai/gpt"
system = "Be brief."

[profiles.work]
url = "https://Chat.Example.com:443/base"
account = "acc"
model = "anthropic/claude"

[profiles.other]
url = "https://other.example.com"
token = "of-other"
`

func load(t *testing.T, text string, env ...string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	// what another program of our name keeps there
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte("model: foreign\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"AICHAT_MODEL": "foreign"}
	for i := 0; i+1 < len(env); i += 2 {
		values[env[i]] = env[i+1]
	}
	c, _, err := config.Load(config.Options{
		Dirs: config.Dirs{Config: dir},
		Env:  func(name string) (string, bool) { v, ok := values[name]; return v, ok },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTarget is also the proof that a token goes to its own origin only.
func TestTarget(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, asked string
		env               []string
		profile, url      string
		token, model      string
	}{
		{name: "nothing", profile: "local"},
		{name: "nothing but a token", env: []string{"AICHAT_TOKEN", "t"}, profile: "local"},
		{name: "file", file: file, profile: "work", url: "https://Chat.Example.com:443/base", model: "anthropic/claude"},
		{name: "token for the file's profile", file: file, env: []string{"AICHAT_TOKEN", "t"},
			profile: "work", url: "https://Chat.Example.com:443/base", token: "t", model: "anthropic/claude"},
		{name: "environment's profile", file: file, env: []string{"AICHAT_PROFILE", "other"},
			profile: "other", url: "https://other.example.com", token: "of-other", model: "openai/gpt"},
		{name: "token for the environment's profile", file: file, env: []string{"AICHAT_PROFILE", "other", "AICHAT_TOKEN", "t"},
			profile: "other", url: "https://other.example.com", token: "t", model: "openai/gpt"},
		{name: "flag's profile does not get the token", file: file, asked: "other", env: []string{"AICHAT_TOKEN", "t"},
			profile: "other", url: "https://other.example.com", token: "of-other", model: "openai/gpt"},
		{name: "flag's profile is the default one", file: file, asked: "work", env: []string{"AICHAT_TOKEN", "t"},
			profile: "work", url: "https://Chat.Example.com:443/base", token: "t", model: "anthropic/claude"},
		{name: "flag says local", file: file, asked: "local", env: []string{"AICHAT_TOKEN", "t"}, profile: "local", model: "openai/gpt"},
		{name: "address", file: file, env: []string{"AICHAT_URL", "http://localhost:80", "AICHAT_TOKEN", "t"},
			profile: "http://localhost", url: "http://localhost:80", token: "t", model: "openai/gpt"},
		{name: "address beats the environment's profile", file: file, env: []string{"AICHAT_URL", "https://x.example", "AICHAT_PROFILE", "other"},
			profile: "https://x.example", url: "https://x.example", model: "openai/gpt"},
		{name: "flag beats address, which keeps its token", file: file, asked: "other", env: []string{"AICHAT_URL", "https://x.example", "AICHAT_TOKEN", "t"},
			profile: "other", url: "https://other.example.com", token: "of-other", model: "openai/gpt"},
		{name: "address and profile of one origin", file: file, asked: "work", env: []string{"AICHAT_URL", "https://chat.example.com", "AICHAT_TOKEN", "t"},
			profile: "work", url: "https://Chat.Example.com:443/base", token: "t", model: "anthropic/claude"},
	} {
		target, err := load(t, tc.file, tc.env...).Target(tc.asked)
		if err != nil || target.Profile != tc.profile || target.URL != tc.url || target.Local != (tc.profile == "local") ||
			target.Token.Reveal() != tc.token || target.Model != tc.model {
			t.Errorf("%s: %+v with token %q, %v", tc.name, target, target.Token.Reveal(), err)
		}
	}
}

// TestAdopted holds what signing in changes, and that it moves no token.
func TestAdopted(t *testing.T) {
	t.Parallel()
	known := map[string]string{"home": "https://home.example", "work": "https://evil.example"}
	for _, tc := range []struct {
		name, file, asked string
		env               []string
		profile, url      string
		token             string
	}{
		{name: "the default", profile: "home", url: "https://home.example"},
		{name: "the flag", asked: "local", profile: "local"},
		{name: "the file's default", file: file, profile: "work", url: "https://Chat.Example.com:443/base"},
		{name: "a token is for no default", env: []string{"AICHAT_TOKEN", "t"}, profile: "home", url: "https://home.example"},
		{name: "a token is for the profile that is named", env: []string{"AICHAT_TOKEN", "t", "AICHAT_PROFILE", "home"}, profile: "home", url: "https://home.example", token: "t"},
		{name: "a token is for the address that is named", asked: "home", env: []string{"AICHAT_TOKEN", "t", "AICHAT_URL", "https://x.example"}, profile: "home", url: "https://home.example"},
	} {
		c := load(t, tc.file, tc.env...)
		c.Adopt(known, "home")
		target, err := c.Target(tc.asked)
		if err != nil || target.Profile != tc.profile || target.URL != tc.url || target.Token.Reveal() != tc.token {
			t.Errorf("%s: %+v with token %q, %v", tc.name, target, target.Token.Reveal(), err)
		}
	}
}

func TestTargetMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ file, asked, want string }{
		{file, "home", `there is no profile "home"; there is local, other, work`},
		{`profile = "x"`, "", `there is no profile "x"`},
		{"[profiles.x]", "x", "profiles.x.url"},
		{"[profiles.x]\nurl = \"chat.example.com\"", "x", "profiles.x.url"},
		{"[profiles.local]\nurl = \"https://x\"", "", "the local server's"},
	} {
		if _, err := load(t, tc.file).Target(tc.asked); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v", tc.asked, err)
		}
	}
	if _, err := load(t, "", "AICHAT_URL", "example.com").Target(""); err == nil || !strings.Contains(err.Error(), "AICHAT_URL") {
		t.Errorf("AICHAT_URL: %v", err)
	}
}

func TestChatModel(t *testing.T) {
	t.Parallel()
	c := load(t, file, "AICHAT_CHAT_MODEL", "demo/demo")
	if c.ChatModel != "demo/demo" || c.Model != "openai/gpt" {
		t.Errorf("%+v", c)
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://Chat.Example.com":         "https://chat.example.com",
		"HTTPS://chat.example.com:443/a?b": "https://chat.example.com",
		"http://localhost:80":              "http://localhost",
		"http://localhost:443":             "http://localhost:443",
		"https://[::1]:443":                "https://[::1]",
		"https://[::1]:8443":               "https://[::1]:8443",
		"https://u:p@example.com":          "https://example.com",
		"example.com":                      "",
		"file:///etc/passwd":               "",
		"":                                 "",
	} {
		got, err := config.Origin(address)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}

// TestDocumented has every setting say what it is.
func TestDocumented(t *testing.T) {
	t.Parallel()
	settings, err := setting.Describe(&config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		if s.Help == "" {
			t.Errorf("%s has no help", s.Key)
		}
	}
}
