package proc_test

import (
	"os"
	"testing"

	"github.com/aichat-term/aichat/bench/proc"
)

func TestOfThisProcess(t *testing.T) {
	t.Parallel()
	before, err := proc.CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for i := range 1_000_000 {
		sum += i
	}
	after, err := proc.CPU(os.Getpid())
	if err != nil || after <= before || sum == 0 {
		t.Errorf("CPU went from %v to %v, %v", before, after, err)
	}
	if rss, err := proc.RSS(os.Getpid()); err != nil || rss < 1<<20 {
		t.Errorf("RSS = %d, %v", rss, err)
	}
	if !proc.Alive(os.Getpid()) {
		t.Error("we are not alive")
	}
	if load, err := proc.Load(); err != nil || load < 0 {
		t.Errorf("Load = %v, %v", load, err)
	}
}

func TestOfNoProcess(t *testing.T) {
	t.Parallel()
	const nobody = 1 << 22 // the kernel's greatest pid is one less
	if _, err := proc.CPU(nobody); err == nil {
		t.Error("a CPU clock of nobody")
	}
	if proc.Alive(nobody) {
		t.Error("nobody is alive")
	}
	if _, err := proc.RSS(nobody); err == nil {
		t.Error("memory of nobody")
	}
}
