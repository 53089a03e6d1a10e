package version

import (
	"runtime/debug"
	"strings"
	"sync"
)

// Version is the version that the build was given with
//
//	-ldflags "-X github.com/aichat-term/aichat/client/version.Version=1.2.3"
//
// Read it through String, which falls back to what the Go tool recorded.
var Version = unset

const unset = "0.1.0-dev"

// MinServer is the oldest server that this client talks to, MinClient the
// oldest client that this server answers. "-0" is the lowest pre-release there
// can be, so that every development build of that version passes.
const (
	MinServer = "0.1.0-0"
	MinClient = "0.1.0-0"
)

// String is this build's version, without a leading "v": Version if the build
// set it, else the module's version where the program was installed with
// "go install module@version", else the development version with the commit's
// time, as in 0.1.0-dev.20261122T101500, so that builds order by time.
var String = sync.OnceValue(func() string {
	if Version != unset {
		return strings.TrimPrefix(Version, "v")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Version
	}
	return fromBuild(info)
})

// fromBuild is the version that the Go tool recorded, or the unset one with the
// commit's time where there is no release.
func fromBuild(info *debug.BuildInfo) string {
	released := strings.TrimPrefix(info.Main.Version, "v")
	if parsed, ok := parse(released); ok && !parsed.pseudo() {
		return released
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if at := compact(s.Value); at != "" {
				return unset + "." + at
			}
		}
	}
	return unset
}

// compact turns an RFC 3339 time in UTC into 20261122T101500; anything else
// into nothing.
func compact(rfc3339 string) string {
	at := strings.NewReplacer("-", "", ":", "").Replace(strings.TrimSuffix(rfc3339, "Z"))
	if len(at) != len("20261122T101500") || at[8] != 'T' {
		return ""
	}
	return at
}
