package credential_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/credential"
)

// inside is the variable by which the test's own program learns that it runs in a
// desktop session, with a Secret Service or without.
const inside = "AICHAT_TEST_SESSION"

func TestMain(m *testing.M) {
	switch os.Getenv(inside) {
	case "":
		os.Exit(m.Run())
	case "keyring":
		if err := startKeyring(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	if err := useSystem(os.Getenv(inside)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// startKeyring starts the desktop's keyring, with a login collection that is
// open. It ends with its session.
func startKeyring() error {
	daemon := exec.Command("gnome-keyring-daemon", "--unlock", "--components=secrets")
	daemon.Stdin = strings.NewReader("a password")
	if out, err := daemon.CombinedOutput(); err != nil {
		return fmt.Errorf("gnome-keyring-daemon: %w\n%s", err, out)
	}
	return nil
}

// useSystem signs in with the system's keyring, which is there or not.
func useSystem(session string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := credential.New(credential.Options{Dir: os.Getenv("HOME")})
	place, err := s.Prove(ctx)
	if err != nil {
		return err
	}
	if found := place.Kind == credential.InKeyring; found != (session == "keyring") {
		return fmt.Errorf("%s: %+v", session, place)
	}
	large := tokens(1)
	large.Access = strings.Repeat("x", 5000)
	if place, err = s.SignIn(ctx, work, large, place); err != nil {
		return err
	}
	k := credential.New(credential.Options{Dir: os.Getenv("HOME")}).Keeper("work", origin)
	if got, err := k.Load(ctx); err != nil || got != large {
		return fmt.Errorf("%s: loaded %d bytes, %w", session, len(got.Access), err)
	}
	if err := k.Save(ctx, tokens(2)); err != nil {
		return err
	}
	if got, err := k.Load(ctx); err != nil || got != tokens(2) {
		return fmt.Errorf("%s: %v, %w", session, got, err)
	}
	fmt.Println(place.Kind, place.Why)
	return s.SignOut(ctx, "work")
}

// session runs this program again, with only those variables.
func session(t *testing.T, kind string, before []string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), append(before, self)[0], append(before, self)[1:]...)
	cmd.Env = append([]string{inside + "=" + kind, "HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home, "PATH=" + os.Getenv("PATH")}, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", kind, err, out)
	}
	return string(out)
}

// TestSecretService keeps tokens in a real one, in a session of its own.
func TestSecretService(t *testing.T) {
	t.Parallel()
	if out := session(t, "keyring", []string{"dbus-run-session", "--"}); !strings.Contains(out, "keyring <nil>") {
		t.Error(out)
	}
}

// TestNoSecretService has a session whose bus nobody answers on that name.
func TestNoSecretService(t *testing.T) {
	t.Parallel()
	if out := session(t, "bus", []string{"dbus-run-session", "--"}); !strings.Contains(out, "file the system says: ") {
		t.Error(out)
	}
}

// TestNoBus holds that where there is no session nothing starts one: neither
// because no address is set, nor because it says so.
func TestNoBus(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "autolaunch:"} {
		bin := t.TempDir()
		launched := filepath.Join(bin, "launched")
		script := "#!/bin/sh\ntouch " + launched + "\n"
		if err := os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		out := session(t, "none", nil, "PATH="+bin+":"+os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS="+address)
		if !strings.Contains(out, "file there is no session bus here") {
			t.Error(out)
		}
		if _, err := os.Stat(launched); err == nil {
			t.Errorf("%q: dbus-launch was started", address)
		}
	}
}
