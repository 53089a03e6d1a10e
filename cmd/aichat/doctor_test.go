package main

import (
	"slices"
	"testing"
)

// That a provider has no key is left out only where its kept key is said to be
// unreadable.
func TestDoctorSaysItOnce(t *testing.T) {
	t.Parallel()
	found := withoutRepeats([]finding{
		{Check: "your keys", unread: []string{"anthropic", "mistral"}},
		{Check: "the account's keys", unread: []string{"openai"}},
		{Check: "models"},
		{Check: "anthropic", noKey: true},
		{Check: "openai", noKey: true},
		{Check: "gemini", noKey: true},
		{Check: "mistral"},
	})
	var left []string
	for _, f := range found {
		left = append(left, f.Check)
	}
	if want := []string{"your keys", "the account's keys", "models", "gemini", "mistral"}; !slices.Equal(left, want) {
		t.Errorf("%q, want %q", left, want)
	}
}
