package setting_test

import (
	"slices"
	"testing"

	"github.com/aichat-term/aichat/client/setting"
)

func TestUnknown(t *testing.T) {
	t.Parallel()
	all := []setting.Setting{{Env: "APP_LISTEN"}, {Env: "APP_MASTER_KEY", Secret: true}, {Env: "OTHER"}, {}}
	for _, tc := range []struct {
		variable, says string
	}{
		{"APP_LISTEN", ""},
		{"APP_MASTER_KEY_FILE", ""},
		{"APP_CONFIG", ""},
		{"HOME", ""},
		{"APP_LISTEN_FILE", "APP_LISTEN_FILE is set, but there is no such setting"},
		{"APP_LSITEN", "APP_LSITEN is set, but there is no such setting; did you mean APP_LISTEN?"},
		{"APP_MASTERKEY_FILE", "APP_MASTERKEY_FILE is set, but there is no such setting; did you mean APP_MASTER_KEY_FILE?"},
		{"APP_URL", "APP_URL is set, but there is no such setting"},
	} {
		var want []string
		if tc.says != "" {
			want = []string{tc.says}
		}
		if got := setting.Unknown(all, "APP_", []string{tc.variable}, "APP_CONFIG"); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tc.variable, got, want)
		}
	}
}
