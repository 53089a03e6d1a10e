package version

import (
	"runtime/debug"
	"testing"
)

func TestFromBuild(t *testing.T) {
	t.Parallel()
	commit := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.time", Value: "2026-11-22T10:15:00Z"}}
	for _, tc := range []struct {
		name, module string
		settings     []debug.BuildSetting
		want         string
	}{
		{"installed release", "v1.4.0", nil, "1.4.0"},
		{"tree without git", "(devel)", nil, "0.1.0-dev"},
		{"tree with git", "(devel)", commit, "0.1.0-dev.20261122T101500"},
		{"pseudo-version", "v0.0.0-20261122101500-0123456789ab+dirty", commit, "0.1.0-dev.20261122T101500"},
		{"pseudo-version after a release", "v1.4.1-0.20261122101500-0123456789ab", commit, "0.1.0-dev.20261122T101500"},
		{"strange time", "", []debug.BuildSetting{{Key: "vcs.time", Value: "yesterday"}}, "0.1.0-dev"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: tc.module}, Settings: tc.settings}
		if got := fromBuild(info); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
