package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
)

// fallbacks are the models that are asked in others' place, by the other's id:
// each line of the setting names a model and those behind it, the next one first.
func (c *Config) fallbacks() (map[string][]string, error) {
	all := map[string][]string{}
	for _, line := range c.Fallbacks {
		models := strings.Split(line, ">")
		for i, m := range models {
			models[i] = strings.TrimSpace(m)
			if _, _, ok := provider.SplitID(models[i]); !ok {
				return nil, fmt.Errorf("fallbacks: %q is no model's id such as openai/gpt-6.2-sol", models[i])
			}
		}
		asked, others := models[0], models[1:]
		switch {
		case len(others) == 0:
			return nil, fmt.Errorf("fallbacks: %s: nothing is named in its place; write %s > provider/name", asked, asked)
		case all[asked] != nil:
			return nil, fmt.Errorf("fallbacks: %s is named twice", asked)
		}
		for i, m := range others {
			if m == asked || slices.Contains(others[:i], m) {
				return nil, fmt.Errorf("fallbacks: %s: %s stands there twice", asked, m)
			}
		}
		all[asked] = others
	}
	return all, nil
}
