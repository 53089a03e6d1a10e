package redis_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/quota/redis"
	"github.com/aichat-term/aichat/server/quota/redis/redistest"
	"github.com/aichat-term/aichat/server/visitor"
)

// childVariable tells this program that it is a server of a test: URL, prefix,
// and lease, apart by spaces.
const childVariable = "AICHAT_TEST_REDIS_CHILD"

func TestMain(m *testing.M) {
	if order := os.Getenv(childVariable); order != "" {
		child(strings.Fields(order))
		return
	}
	os.Exit(m.Run())
}

// child is a server's process: each line on its standard input is a question,
// and each on its standard output the answer.
//
//	enter ACCOUNT TIMES RPM TPM STREAMS   how many of so many calls were let in
//	leave                                 ends them all
//	take NAME TIMES BURST                 how many of so many were let through
func child(order []string) {
	lease, err := time.ParseDuration(order[2])
	if err != nil {
		panic(err)
	}
	o := redis.Options{URL: order[0], Prefix: order[1], Lease: lease, Timeout: patience}
	if order[3] == "still" {
		o.Now = func() time.Time { return time.UnixMicro(1_000_000_000_000_000) }
	}
	r, err := redis.Open(o)
	if err != nil {
		panic(err)
	}
	defer r.Close()
	p := r.Pacer(strconv.Itoa(os.Getpid()), nil)
	var running []quota.Pass
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		n := 0
		switch words[0] {
		case "enter":
			rates := quota.Rates{RequestsPerMinute: number(words[3]), TokensPerMinute: number(words[4]), Streams: number(words[5])}
			for range number(words[2]) {
				if pass, err := p.Enter(context.Background(), quota.Walker{Account: "account", Session: words[1]}, rates, 10); err == nil {
					running = append(running, pass)
					n++
				}
			}
		case "leave":
			for ; len(running) > 0; n++ {
				running[0].Leave(10)
				running = running[1:]
			}
		case "take":
			l := r.Limits(func(string, visitor.Rate) visitor.Limiter { return nil })(words[1], visitor.Rate{Burst: int(number(words[3])), Every: time.Hour})
			for range number(words[2]) {
				if l.Take("k") == 0 {
					n++
				}
			}
		}
		fmt.Println(n)
	}
}

func number(word string) int64 {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// process is a child.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(t *testing.T, prefix, lease, clock string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{redistest.URL(t), prefix, lease, clock}, " "))
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may be gone
		_ = p.cmd.Wait()
	})
	return p
}

func (p *process) tell(format string, args ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) hear() int64 {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatal("the process is gone: ", p.out.Err())
	}
	return number(p.out.Text())
}

// TestThreeProcesses: however calls are spread, as many are let in as by one
// server.
func TestThreeProcesses(t *testing.T) {
	t.Parallel()
	prefix := redistest.Prefix()
	var servers []*process
	for range 3 {
		servers = append(servers, start(t, prefix, "1h", "still"))
	}
	all := func(format string, args ...any) (sum int64) {
		for _, s := range servers {
			s.tell(format, args...)
		}
		for _, s := range servers {
			sum += s.hear()
		}
		return sum
	}
	for _, tc := range []struct {
		name               string
		rpm, tpm, streams  int64
		want, wantOnceMore int64
	}{
		{"streams", 0, 0, 25, 25, 25},
		{"requests", 40, 0, 0, 40, 0},
		{"tokens", 0, 300, 0, 30, 0},
		{"the tightest", 40, 300, 7, 7, 7},
	} {
		for round := range 5 {
			ask := func() int64 { return all("enter s%d 30 %d %d %d", round, tc.rpm, tc.tpm, tc.streams) }
			if got := ask(); got != tc.want {
				t.Errorf("%s: %d of 90 were let in, want %d", tc.name, got, tc.want)
			}
			if left := all("leave"); left != tc.want {
				t.Errorf("%s: %d left", tc.name, left)
			}
			if got := ask(); got != tc.wantOnceMore {
				t.Errorf("%s: %d of 90 were let in after that, want %d", tc.name, got, tc.wantOnceMore)
			}
			all("leave")
			all("enter s 1 0 0 0") // without limits, which empties the buckets
			all("leave")
		}
	}
	for round := range 5 {
		if got := all("take n%d 30 %d", round, 31); got != 31 {
			t.Errorf("%d of 90 visitors were let through, want 31", got)
		}
	}
}

// TestKilledProcess: what a killed server had running counts no longer once its
// lease has run out.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	prefix := redistest.Prefix()
	living, dying := start(t, prefix, "500ms", "redis"), start(t, prefix, "500ms", "redis")
	living.tell("enter a 1 0 0 2")
	dying.tell("enter b 1 0 0 2")
	if living.hear() != 1 || dying.hear() != 1 {
		t.Fatal("they were not let in")
	}
	if err := dying.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	third := start(t, prefix, "500ms", "redis")
	for in := int64(0); in == 0; {
		third.tell("enter c 1 0 0 2")
		in = third.hear()
	}
}
