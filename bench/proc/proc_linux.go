package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the time, user and system, that all threads of a process have run so
// far. It reads the process's own clock (clock_getcpuclockid(3): the inverted
// pid above a type of three bits), which counts nanoseconds where
// /proc/PID/stat counts hundredths of a second.
func CPU(pid int) (time.Duration, error) {
	const schedClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err != nil {
		return 0, fmt.Errorf("proc: the CPU clock of %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// RSS is the memory, in bytes, that a process has in RAM.
func RSS(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0, fmt.Errorf("proc: statm of %d says %q", pid, b)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("proc: statm of %d: %w", pid, err)
	}
	return pages * int64(os.Getpagesize()), nil
}

// Load is the number of processes that ran or wanted to, averaged over the last
// minute.
func Load() (float64, error) {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	first, _, _ := strings.Cut(string(b), " ")
	return strconv.ParseFloat(first, 64)
}

// Alive reports whether a process still runs. One that has ended and that
// nobody has waited for yet runs no more.
func Alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// The state follows the program's name, which may hold anything.
	_, rest, _ := strings.Cut(string(b[max(0, bytes.LastIndexByte(b, ')')):]), " ")
	return rest != "" && rest[0] != 'Z' && rest[0] != 'X'
}

// PeakRSS is the most memory, in bytes, that a process that has ended had in
// RAM.
func PeakRSS(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss * 1024
}
