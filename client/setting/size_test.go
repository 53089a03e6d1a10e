package setting_test

import (
	"testing"

	"github.com/aichat-term/aichat/client/setting"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]setting.Size{
		"0": 0, "512": 512, "512B": 512, "64KiB": 64 << 10, " 8 MiB ": 8 << 20, "1GiB": 1 << 30, "1TiB": 1 << 40, "2kB": 2000, "2GB": 2e9,
	} {
		var s setting.Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q: %d, %v", text, s, err)
		}
		var again setting.Size
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%q prints as %s", text, s)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5GiB", "8388608TiB", "9223372036854775808", "1 mib"} {
		var s setting.Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d", text, s)
		}
	}
}
