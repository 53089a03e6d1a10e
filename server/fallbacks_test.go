package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server"
)

func TestSettingsOfWaysAreChecked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		fallbacks []string
		hosts     []string
		wrong     string // in the error; empty: there is none
	}{
		{name: "none"},
		{name: "several", fallbacks: []string{"a/b > c/d > e/f/g", "c/d>a/b"}, hosts: []string{"gpu.internal:8000", "10.0.0.0/8", "::1"}},
		{name: "nothing in its place", fallbacks: []string{"a/b"}, wrong: "fallbacks: a/b: nothing is named in its place"},
		{name: "no id", fallbacks: []string{"a/b > gpt"}, wrong: `fallbacks: "gpt" is no model's id`},
		{name: "an empty one", fallbacks: []string{"a/b > > c/d"}, wrong: `fallbacks: "" is no model's id`},
		{name: "named twice", fallbacks: []string{"a/b > c/d", "a/b > e/f"}, wrong: "fallbacks: a/b is named twice"},
		{name: "itself", fallbacks: []string{"a/b > c/d > a/b"}, wrong: "fallbacks: a/b: a/b stands there twice"},
		{name: "another twice", fallbacks: []string{"a/b > c/d > c/d"}, wrong: "fallbacks: a/b: c/d stands there twice"},
		{name: "a URL for a host", hosts: []string{"http://gpu.internal"}, wrong: "private_hosts: "},
	} {
		c := server.Config{Listen: "127.0.0.1:0", LogFormat: "text", Patience: time.Second, SignUp: "invite", AccessLifetime: time.Minute,
			SessionIdle: time.Hour, SessionLifetime: time.Hour, Fallbacks: tc.fallbacks, PrivateHosts: tc.hosts}
		err := c.Check()
		if tc.wrong == "" && err != nil || tc.wrong != "" && (err == nil || !strings.Contains(err.Error(), tc.wrong)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.wrong)
		}
	}
}
