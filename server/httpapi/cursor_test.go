package httpapi

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

func TestCursor(t *testing.T) {
	t.Parallel()
	k := cursor{at: time.Date(2026, 5, 4, 3, 2, 1, 123456000, time.UTC), id: "019a0000-0000-7000-8000-000000000010"}
	text := k.encode("list\x00acct")
	back, err := decodeCursor(text, "list\x00acct")
	if err != nil || back != k {
		t.Fatalf("%+v, %v", back, err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	bad := []string{"", "x", "not base64!", text[:len(text)-1], text + "A", base64.RawURLEncoding.EncodeToString(append([]byte{99}, raw[1:]...))}
	for i := range raw {
		flipped := append([]byte(nil), raw...)
		flipped[i] ^= 1
		bad = append(bad, base64.RawURLEncoding.EncodeToString(flipped))
	}
	for _, b := range bad {
		if _, err := decodeCursor(b, "list\x00acct"); !fault.Is(err, fault.CursorInvalid) {
			t.Errorf("%q: %v", b, err)
		}
	}
	if _, err := decodeCursor(text, "list\x00other"); !fault.Is(err, fault.CursorInvalid) {
		t.Errorf("foreign: %v", err)
	}
}

// A cursor that an earlier build has given still works.
func TestCursorForm(t *testing.T) {
	t.Parallel()
	const old = "AQAAAAAAAAAqSdzVHH-aEJ94"
	k := cursor{at: time.UnixMicro(42).UTC(), id: "x"}
	if got := k.encode("s"); got != old {
		t.Errorf("version %d's form has changed: %s, was %s; give it another version", cursorVersion, got, old)
	}
}
