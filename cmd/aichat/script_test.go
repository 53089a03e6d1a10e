//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/local"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aichat": main})
}

// TestAgainstTheServer runs everything that needs the real server, which is built
// once for it.
func TestAgainstTheServer(t *testing.T) {
	t.Parallel()
	programs := t.TempDir()
	if err := buildServer(programs); err != nil {
		t.Fatal(err)
	}
	t.Run("faults", func(t *testing.T) {
		t.Parallel()
		testEveryFault(t, programs)
	})
	t.Run("scripts", func(t *testing.T) {
		t.Parallel()
		testScripts(t, programs)
	})
}

// mortal starts the server that stands beside it as aichat does, but for less
// long: a test that is killed ends nothing, and leaves nothing for long.
const mortal = `#!/bin/sh
case $1 in
local) exec "$0.real" "$@" --idle 1m ;;
*) exec "$0.real" "$@" ;;
esac
`

// buildServer makes dir hold an aichat-server.
func buildServer(dir string, flags ...string) error {
	program := filepath.Join(dir, "aichat-server")
	args := append([]string{"build", "-o", program + ".real"}, flags...)
	if out, err := exec.Command("go", append(args, "../aichat-server")...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return os.WriteFile(program, []byte(mortal), 0o700)
}

// testScripts runs the real command, each script with folders, a server and a
// vendor of its own.
func testScripts(t *testing.T, programs string) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               func(env *testscript.Env) error { return setUp(env, programs) },
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"vendor":   vendor,
			"server":   server,
			"terminal": inTerminal,
			"gone":     gone,
			"resume":   resume,
			"older":    older,
			"await":    await,

			"authority": authorityCmd(t),
		},
	})
}

// setUp gives a script its folders and the server's program. The sockets are in
// a folder with a short name: their paths may not be long.
func setUp(env *testscript.Env, programs string) error {
	short, err := os.MkdirTemp("", "ai-")
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, "home")
	for name, value := range map[string]string{
		"HOME": home, "XDG_RUNTIME_DIR": short,
		"XDG_CONFIG_HOME": filepath.Join(home, "config"), "XDG_DATA_HOME": filepath.Join(home, "data"),
		"XDG_STATE_HOME": filepath.Join(home, "state"),
		"PATH":           env.Getenv("PATH") + string(os.PathListSeparator) + programs,
		"TERM":           "xterm-256color", "LANG": "C.UTF-8", "OLLAMA_HOST": "127.0.0.1:1", "NO_PROXY": "*",
		"AICHAT_CREDENTIALS": "file", // whoever runs the tests may have a keyring
		// Built for the race detector, each command would sleep for a second
		// before it exits.
		"GORACE": "atexit_sleep_ms=0",
	} {
		env.Setenv(name, value)
	}
	env.Values["dirs"] = config.Dirs{
		Config: filepath.Join(home, "config", "aichat"), Data: filepath.Join(home, "data", "aichat"),
		State: filepath.Join(home, "state", "aichat"), Runtime: filepath.Join(short, "aichat"),
	}
	env.Values["vendor"] = new(*fakeVendor)
	env.Values["authority"] = new(authority)
	env.Defer(func() {
		if pid, _ := serverPID(env.Values["dirs"].(config.Dirs)); pid > 0 {
			endProcess(pid, syscall.SIGTERM)
		}
		_ = os.RemoveAll(short)
	})
	return os.MkdirAll(home, 0o700)
}

// serverPID is the process id of the running local server; 0: none runs.
func serverPID(dirs config.Dirs) (int, error) {
	transport, err := local.New(local.Options{Dirs: dirs})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if !transport.Running(ctx) {
		return 0, nil
	}
	c, err := client.New(client.Options{BaseURL: local.BaseURL, Transport: transport})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	s, err := c.Server(ctx)
	return s.PID, err
}

// endProcess sends a signal and waits until the process is gone.
func endProcess(pid int, signal syscall.Signal) {
	_ = syscall.Kill(pid, signal)
	for range 1000 {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		<-time.After(5 * time.Millisecond) // a process that is no child can only be asked
	}
}

// status runs a command and checks its exit status: status N command [args].
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [args]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstdout: %s\nstderr: %s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// server looks at the local server, or ends it: server running|same|other|absent|kill|stop.
// "server running" keeps its process id in $SERVER, with which "server same" and
// "server other" compare it.
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: server running|same|other|absent|kill|stop")
	}
	pid, err := serverPID(ts.Value("dirs").(config.Dirs))
	if err != nil && args[0] != "absent" {
		ts.Fatalf("%v", err)
	}
	if (pid > 0) != (args[0] != "absent") {
		ts.Fatalf("the server's process is %d", pid)
	}
	switch args[0] {
	case "running":
		ts.Setenv("SERVER", strconv.Itoa(pid))
	case "same":
		if ts.Getenv("SERVER") != strconv.Itoa(pid) {
			ts.Fatalf("the server's process was %s and is %d", ts.Getenv("SERVER"), pid)
		}
	case "other":
		if ts.Getenv("SERVER") == strconv.Itoa(pid) {
			ts.Fatalf("the server's process is still %d", pid)
		}
	case "kill":
		endProcess(pid, syscall.SIGKILL)
	case "stop":
		endProcess(pid, syscall.SIGTERM)
	}
}

// gone waits until the vendor has seen its caller leave: gone.
func gone(ts *testscript.TestScript, neg bool, _ []string) {
	v := *ts.Value("vendor").(**fakeVendor)
	if neg || v == nil {
		ts.Fatalf("usage: gone, after a vendor that hangs")
	}
	select {
	case <-v.gone:
	case <-time.After(20 * time.Second):
		ts.Fatalf("the vendor is still being listened to")
	}
}

// resume lets a vendor that pauses say the rest: resume.
func resume(ts *testscript.TestScript, neg bool, _ []string) {
	v := *ts.Value("vendor").(**fakeVendor)
	if neg || v == nil {
		ts.Fatalf("usage: resume, after a vendor that pauses")
	}
	close(v.resumed)
}

// await waits until a file, which a program writes meanwhile, holds a text:
// await FILE TEXT.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE TEXT")
	}
	var held []byte
	for range 2000 {
		held, _ = os.ReadFile(ts.MkAbs(args[0])) // which may not be there yet
		if strings.Contains(string(held), args[1]) {
			return
		}
		<-time.After(10 * time.Millisecond) // another process writes it
	}
	ts.Fatalf("%s does not come to hold %q: %s", args[0], args[1], held)
}

// older builds a server of an older version and keeps its folder in $OLDER.
func older(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: older")
	}
	dir := ts.MkAbs("older")
	ts.Check(os.Mkdir(dir, 0o700))
	ts.Check(buildServer(dir, "-ldflags=-X github.com/aichat-term/aichat/client/version.Version=0.1.0-0"))
	ts.Setenv("OLDER", dir)
}

// unquote reads an argument with the escapes of Go strings.
func unquote(ts *testscript.TestScript, s string) string {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	ts.Check(err)
	return text
}
