package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/config"
)

// Env looks a variable up, as os.LookupEnv does.
type Env func(name string) (string, bool)

func (e Env) get(name string) string {
	value, _ := e(name)
	return value
}

// Refused says why no browser is opened here, as a sentence's end; empty: one may
// be. It knows nothing of the terminal: that is the caller's to look at.
func Refused(env Env) string { return refused(runtime.GOOS, env) }

func refused(goos string, env Env) string {
	switch {
	case env.get("BROWSER") == "none":
		return "BROWSER=none asks for none"
	case env.get("SSH_CONNECTION") != "" || env.get("SSH_TTY") != "" || env.get("SSH_CLIENT") != "":
		return "this is an SSH session"
	case env.get("CI") != "" && env.get("CI") != "false":
		return "this is a CI job"
	case env.get("BROWSER") != "" || goos == "darwin" || goos == "windows":
		return ""
	case env.get("DISPLAY") == "" && env.get("WAYLAND_DISPLAY") == "" && env.get("WSL_DISTRO_NAME") == "":
		return "there is no display"
	}
	return ""
}

// Check refuses an address that is not a page of that origin.
func Check(address, origin string) error {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return errors.New("the address of the page is not one")
	}
	got, err := config.Origin(address)
	if err != nil || got != origin {
		return fmt.Errorf("the page is not on %s", origin)
	}
	return nil
}

// settle is how long a launcher may take to say that it has failed.
const settle = 2 * time.Second

// Open opens a page of that origin. It returns when the browser's launcher has
// ended, or has run for a moment.
func Open(ctx context.Context, env Env, address, origin string) error {
	if err := Check(address, origin); err != nil {
		return err
	}
	failure := errors.New("there is no program to open it with")
	for _, argv := range launchers(runtime.GOOS, env, address) {
		err := launch(ctx, argv)
		if err == nil {
			return nil
		}
		failure = err
	}
	return failure
}

// launchers are the command lines to try, one after the other.
func launchers(goos string, env Env, address string) [][]string {
	var all [][]string
	if named := env.get("BROWSER"); named != "" && named != "none" {
		for line := range strings.SplitSeq(named, string(os.PathListSeparator)) {
			if words := strings.Fields(line); len(words) > 0 {
				all = append(all, withAddress(words, address))
			}
		}
		return all
	}
	switch goos {
	case "windows":
		return [][]string{{"rundll32", "url.dll,FileProtocolHandler", address}}
	case "darwin":
		return [][]string{{"/usr/bin/open", address}}
	}
	if env.get("WSL_DISTRO_NAME") != "" {
		all = append(all, []string{"wslview", address})
	}
	return append(all, []string{"xdg-open", address})
}

// withAddress puts the address where %s stands, else at the end.
func withAddress(words []string, address string) []string {
	placed := false
	for i, w := range words[1:] {
		if strings.Contains(w, "%s") {
			words[i+1], placed = strings.ReplaceAll(w, "%s", address), true
		}
	}
	if placed {
		return words
	}
	return append(words, address)
}

// launch starts a program that lives on without us: with no terminal, so that it
// cannot write over what stands there, nor be ended by ctrl+c.
func launch(ctx context.Context, argv []string) error {
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:gosec // of the fixed list, or the person's own choice
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	timer := time.NewTimer(settle)
	defer timer.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%s: %w", argv[0], err)
		}
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
