package main

import "strings"

// environment looks a variable up, as os.LookupEnv does.
type environment func(name string) (value string, set bool)

// get is a variable's value; empty where it is not set.
func (e environment) get(name string) string {
	value, _ := e(name)
	return value
}

// unicode reports whether the locale lets anything but ASCII be shown. Where
// nothing is set, as in a container, terminals are UTF-8 nevertheless.
func (e environment) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(e.get(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// light reports whether the terminal's background is light, as far as the
// environment says: COLORFGBG ends in the background's colour.
func (e environment) light() bool {
	value := e.get("COLORFGBG")
	switch value[strings.LastIndexByte(value, ';')+1:] {
	case "7", "15":
		return true
	default:
		return false
	}
}
