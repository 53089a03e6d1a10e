package signin_test

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/signin"
)

const letters = "BCDFGHJKLMNPQRSTVWXZ"

var normalForm = regexp.MustCompile(`^[` + letters + `]{8}$`)

func TestUserCodesAreEvenlyDrawn(t *testing.T) {
	t.Parallel()
	const codes = 50_000
	count := map[rune]int{}
	for range codes {
		code := signin.NewUserCode()
		if !normalForm.MatchString(string(code)) {
			t.Fatalf("%q is no user code", code)
		}
		for _, r := range code {
			count[r]++
		}
	}
	// A byte's remainder would draw the last four letters 6 % too seldom, which is
	// nine standard deviations; chance alone makes six and a half once in 10^9 times.
	const mean = codes * 8 / len(letters)
	for _, r := range letters {
		if n := count[r]; n < mean*955/1000 || n > mean*1045/1000 {
			t.Errorf("%c was drawn %d times, want about %d", r, n, mean)
		}
	}
}

func TestParseUserCode(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"BCDFGHJK", "BCDF-GHJK", "bcdf-ghjk", " bCdF ghJK\r\n", "B-C-D-F-G-H-J-K", "BCDF–GHJK", "BCDF\u2212GHJK", "BCDF\u00a0\u2011GHJK",
	} {
		code, ok := signin.ParseUserCode(text)
		if !ok || code != "BCDFGHJK" {
			t.Errorf("%q is read as %q, %v", text, code, ok)
		}
	}
	for _, text := range []string{
		"", "-", "BCDFGHJ", "BCDFGHJKL", "BCDF-GHJA", "BCDF_GHJK", "BCDF.GHJK", "ВCDFGHJK", "BCDFGHJ\u212a", "BCDFGHJ\u017f", "BCDFGHJ\x00",
		"BCDFGHJ\xff", strings.Repeat(" ", 1000) + "BCDFGHJK",
	} {
		if code, ok := signin.ParseUserCode(text); ok || code != "" {
			t.Errorf("%q is read as %q", text, code)
		}
	}
}

func TestShownUserCode(t *testing.T) {
	t.Parallel()
	if got := signin.UserCode("BCDFGHJK").Shown(); got != "BCDF-GHJK" {
		t.Errorf("shown as %q", got)
	}
	if got := signin.UserCode("").Shown(); got != "" {
		t.Errorf("none is shown as %q", got)
	}
}

func TestUserCodesAreNotLogged(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "code", signin.UserCode("BCDFGHJK"))
	if strings.Contains(out.String(), "BCDFGHJK") {
		t.Errorf("logged: %s", out.String())
	}
}

func FuzzParseUserCode(f *testing.F) {
	for _, text := range []string{"BCDF-GHJK", " bcdf ghjk ", "BCDF", "ſſſſſſſſ", "BCDF–GHJK", "\xff\xfe", strings.Repeat("B-", 40)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := signin.ParseUserCode(text)
		if !ok {
			if code != "" {
				t.Fatalf("%q is refused as %q", text, code)
			}
			return
		}
		if !normalForm.MatchString(string(code)) {
			t.Fatalf("%q is read as %q", text, code)
		}
		for _, again := range []string{string(code), code.Shown(), strings.ToLower(code.Shown())} {
			if c, ok := signin.ParseUserCode(again); !ok || c != code {
				t.Fatalf("%q is read as %q, and %q as %q", text, code, again, c)
			}
		}
	})
}
