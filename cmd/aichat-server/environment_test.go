package main

import (
	"strings"
	"testing"
)

// Who mistypes a variable is told, and those of a cluster are nobody's mistakes.
func TestStrangersAreNoted(t *testing.T) {
	t.Parallel()
	for variable, says := range map[string]string{
		"AICHAT_SERVER_DATABSE":                  "warning: AICHAT_SERVER_DATABSE is set, but there is no such setting; did you mean AICHAT_SERVER_DATABASE?\n",
		"AICHAT_SERVER_MASTER_KEYFILE":           "warning: AICHAT_SERVER_MASTER_KEYFILE is set, but there is no such setting; did you mean AICHAT_SERVER_MASTER_KEY_FILE?\n",
		"AICHAT_SERVER_COLOUR_OF_THE_SKY":        "warning: AICHAT_SERVER_COLOUR_OF_THE_SKY is set, but there is no such setting\n",
		"AICHAT_SERVER_DATABASE":                 "",
		"AICHAT_SERVER_CONFIG":                   "",
		"AICHAT_SERVER_MASTER_KEY_FILE":          "",
		"AICHAT_CHAT_MODEL":                      "",
		"AICHAT_SERVER_SERVICE_HOST":             "",
		"AICHAT_SERVER_SERVICE_PORT":             "",
		"AICHAT_SERVER_SERVICE_PORT_HTTP":        "",
		"AICHAT_SERVER_PORT":                     "",
		"AICHAT_SERVER_PORT_8080_TCP":            "",
		"AICHAT_SERVER_PORT_8080_TCP_ADDR":       "",
		"AICHAT_SERVER_REDIS_SERVICE_HOST":       "",
		"AICHAT_SERVER_REDIS_PORT_6379_TCP_PORT": "",
	} {
		var told strings.Builder
		if err := noteStrangers(&told, []string{variable + "=x"}); err != nil || told.String() != says {
			t.Errorf("%s: %v, %q, want %q", variable, err, told.String(), says)
		}
		told.Reset()
		if err := noteStrangers(&told, []string{variable + "="}); err != nil || told.String() != "" {
			t.Errorf("%s, empty: %v, %q", variable, err, told.String())
		}
	}
	h := newHome(t)
	h.env = append(h.env, "AICHAT_SERVER_LSITEN=:1", "AICHAT_SERVER_URL=nonsense")
	h.want(2, "did you mean AICHAT_SERVER_LISTEN?", "config")
	h.want(2, "did you mean AICHAT_SERVER_LISTEN?", "serve")
}
