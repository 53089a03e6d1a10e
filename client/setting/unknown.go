package setting

import (
	"fmt"
	"slices"
	"strings"
)

// Unknown says of variables that begin with a prefix, a sentence each, that no
// setting reads them, and which one may be meant. Further are variables with the
// prefix that something else reads.
func Unknown(all []Setting, prefix string, variables []string, further ...string) (sentences []string) {
	known := slices.Clone(further)
	for _, s := range all {
		known = append(known, s.Env)
		if s.Secret {
			known = append(known, s.Env+"_FILE")
		}
	}
	var short []string
	for _, k := range known {
		if k, has := strings.CutPrefix(k, prefix); has {
			short = append(short, k)
		}
	}
	for _, name := range variables {
		rest, has := strings.CutPrefix(name, prefix)
		if !has || slices.Contains(short, rest) {
			continue
		}
		text := name + " is set, but there is no such setting"
		if near := nearest(rest, short); near != "" {
			text += fmt.Sprintf("; did you mean %s%s?", prefix, near)
		}
		sentences = append(sentences, text)
	}
	return sentences
}
