//go:build !linux

package proc

import (
	"os"
	"time"
)

// CPU returns ErrUnsupported.
func CPU(int) (time.Duration, error) { return 0, ErrUnsupported }

// RSS returns ErrUnsupported.
func RSS(int) (int64, error) { return 0, ErrUnsupported }

// Load returns ErrUnsupported.
func Load() (float64, error) { return 0, ErrUnsupported }

// Alive returns false.
func Alive(int) bool { return false }

// PeakRSS returns zero.
func PeakRSS(*os.ProcessState) int64 { return 0 }
