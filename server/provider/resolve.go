package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// Resolve finds the model that a person means.
//
// provider/name is a model of that provider, whether listed or not: one that is
// not has no price and no limits. The provider must be one of the catalogue or
// of further, the ids that the caller knows besides (compatible endpoints). A
// bare name must be one listed model's, or a snapshot's of it; a name that two
// providers list needs its provider.
//
// Everything else is a ModelUnknown fault that suggests what is near.
func (c *Catalogue) Resolve(idOrName string, further ...string) (Model, error) {
	provider, name, qualified := SplitID(idOrName)
	if qualified && (c.knows(provider) || slices.Contains(further, provider)) {
		if m, ok := c.Lookup(provider, name); ok {
			return m, nil
		}
		return c.unlisted(provider, name)
	}
	return c.byName(idOrName, further)
}

func (c *Catalogue) unlisted(provider, name string) (Model, error) {
	if !plain(name) {
		return Model{}, fault.New(fault.ModelUnknown, "A model's name holds no spaces: %.100q.", name)
	}
	return Model{Provider: provider, Name: name}, nil
}

func (c *Catalogue) byName(name string, further []string) (Model, error) {
	var found []Model
	for _, m := range c.models {
		if m, ok := c.Lookup(m.Provider, name); ok && !slices.ContainsFunc(found, sameID(m)) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Model{}, c.unknown(name, further)
	}
	return Model{}, fault.New(fault.ModelUnknown, "More than one provider has a model named %.100q: say %s.", name, either(ids(found)))
}

func (c *Catalogue) unknown(asked string, further []string) error {
	candidates := ids(c.models)
	for _, p := range further {
		candidates = append(candidates, p+"/")
	}
	if nearby := near(asked, candidates); len(nearby) > 0 {
		return fault.New(fault.ModelUnknown, "There is no model %.100q; did you mean %s?", asked, either(nearby))
	}
	return fault.New(fault.ModelUnknown, "There is no model %.100q; see the list of models, or say provider/name.", asked)
}

func sameID(m Model) func(Model) bool {
	return func(other Model) bool { return other.ID() == m.ID() }
}

func ids(models []Model) []string {
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = m.ID()
	}
	return names
}

func either(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return fmt.Sprintf("%s or %s", strings.Join(names[:last], ", "), names[last])
}

// suggestions is how many near names are offered; longestGuess bounds what is
// compared, because the comparison costs length times length.
const (
	suggestions  = 3
	longestGuess = 64
)

// near returns the candidates closest to what was asked, the closest first:
// those that contain it, then those within a third of its length in edits, of
// the whole id or of the name alone.
func near(asked string, candidates []string) []string {
	asked = strings.ToLower(asked)
	if asked == "" || len(asked) > longestGuess {
		return nil
	}
	type guess struct {
		id    string
		edits int
	}
	var guesses []guess
	for _, id := range candidates {
		whole := strings.ToLower(id)
		_, name, _ := strings.Cut(whole, "/")
		edits := distance(asked, whole)
		if name != "" {
			edits = min(edits, distance(asked, name))
		}
		if len(asked) >= 3 && strings.Contains(whole, asked) {
			edits = 0
		}
		if edits <= max(1, len(asked)/3) {
			guesses = append(guesses, guess{id, edits})
		}
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(a.edits, b.edits) })
	var nearest []string
	for _, g := range guesses[:min(len(guesses), suggestions)] {
		nearest = append(nearest, g.id)
	}
	return nearest
}

// distance is the Levenshtein distance in bytes: model names are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// withoutDate takes a snapshot's mark off a name: -20260131, -2026-01-31 or
// -latest. A name without one comes back as it is.
func withoutDate(name string) string {
	if bare, ok := strings.CutSuffix(name, "-latest"); ok {
		return bare
	}
	for _, shape := range []string{"-dddddddd", "-dddd-dd-dd"} {
		if at := len(name) - len(shape); at > 0 && hasShape(name[at:], shape) {
			return name[:at]
		}
	}
	return name
}

// hasShape compares byte for byte; d stands for a digit.
func hasShape(s, shape string) bool {
	for i := range len(shape) {
		isDigit := s[i] >= '0' && s[i] <= '9'
		if shape[i] == 'd' && !isDigit || shape[i] != 'd' && s[i] != shape[i] {
			return false
		}
	}
	return true
}
