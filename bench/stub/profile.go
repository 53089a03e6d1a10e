package stub

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is what an answer is made of.
type Kind string

// The kinds of an answer.
const (
	// Stamps is a Record in each delta.
	Stamps Kind = "stamps"
	// Markdown is prose with headings, lists and code; a Mark begins every
	// tenth delta.
	Markdown Kind = "markdown"
)

// Profile describes an answer.
type Profile struct {
	Kind   Kind
	Deltas int
	Size   int           // bytes of text in a delta
	Gap    time.Duration // between two deltas; the first comes at once
}

// Model is the name of the model that answers with p: stamps-200-48-20ms.
func (p Profile) Model() string {
	return fmt.Sprintf("%s-%d-%d-%s", p.Kind, p.Deltas, p.Size, p.Gap)
}

// ParseModel reads what Model wrote.
func ParseModel(name string) (Profile, error) {
	bad := fmt.Errorf("stub: %q is not a model of the form stamps-200-48-20ms", name)
	f := strings.Split(name, "-")
	if len(f) != 4 {
		return Profile{}, bad
	}
	p := Profile{Kind: Kind(f[0])}
	var errs [3]error
	p.Deltas, errs[0] = strconv.Atoi(f[1])
	p.Size, errs[1] = strconv.Atoi(f[2])
	p.Gap, errs[2] = time.ParseDuration(f[3])
	for _, err := range errs {
		if err != nil {
			return Profile{}, bad
		}
	}
	switch {
	case p.Kind != Stamps && p.Kind != Markdown, p.Deltas < 1, p.Gap < 0, p.Size < 1:
		return Profile{}, bad
	case p.Kind == Stamps && p.Size < RecordMin:
		return Profile{}, fmt.Errorf("stub: a stamped delta has at least %d bytes", RecordMin)
	}
	return p, nil
}
