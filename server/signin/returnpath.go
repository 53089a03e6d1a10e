package signin

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// HomePath is where somebody is led who was not on the way anywhere.
const HomePath = "/account"

// returnRoots are the first parts of the paths that one may be led back to.
var returnRoots = []string{"account", "device"}

// ReturnPath is the path to lead somebody back to after signing in: the given
// one if it is one of our own pages, else HomePath. It comes from the address bar
// and may say anything: only what begins with a known page of this site passes
// (CWE-601), so that nobody is led elsewhere on our word.
func ReturnPath(text string) string {
	const limit = 200
	if len(text) > limit || strings.ContainsFunc(text, notInPath) {
		return HomePath
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return HomePath
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if u.Path != path.Clean("/"+u.Path) || !slices.Contains(returnRoots, first) {
		return HomePath
	}
	return text
}

// notInPath finds what is in no path of ours but may mean something to a
// browser: a backslash is a slash to it, and it drops tabs and line ends.
func notInPath(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }
