package main

import (
	"encoding/json"
	"testing"
)

// JSON on a terminal steers it no more than anything else does, and says the same.
func TestJSONSteersNoTerminal(t *testing.T) {
	t.Parallel()
	const title = "a\x1b[2Jb\u009b2Jc\u0085d\x7fé 🙂"
	text, err := marshal(title)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"a\u001b[2Jb\u009b2Jc\u0085d\u007fé 🙂"` + "\n"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
	var back string
	if err := json.Unmarshal([]byte(text), &back); err != nil || back != title {
		t.Errorf("it comes back as %q, %v", back, err)
	}
}
