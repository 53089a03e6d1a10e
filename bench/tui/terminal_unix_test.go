//go:build unix

package main

import (
	"os/exec"
	"testing"
	"time"
)

func TestTerminalSeesWhatIsDrawn(t *testing.T) {
	t.Parallel()
	began := time.Now()
	term, err := open(exec.Command("cat"), 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	if err := term.press("aж\x1b[c"); err != nil {
		t.Fatal(err)
	}
	if _, err := term.sees(t.Context(), 'ж', began); err != nil {
		t.Error(err)
	}
	if _, ok := term.firstDrawn('б'); ok {
		t.Error("it saw what nobody wrote")
	}
	if err := term.close(); err != nil {
		t.Error(err)
	}
	if n, _ := term.written(); n < 3 {
		t.Errorf("%d bytes were written", n)
	}
}

func TestAnswersWhatItIsAsked(t *testing.T) {
	t.Parallel()
	// The program asks for the terminal's attributes and shows what it is told.
	term, err := open(exec.Command("sh", "-c", `printf '\033[c'; head -c 4 | od -c; printf 'ж'`), 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := term.sees(t.Context(), 'ж', time.Time{}); err != nil {
		t.Error(err)
	}
	if err := term.close(); err != nil {
		t.Error(err)
	}
}
