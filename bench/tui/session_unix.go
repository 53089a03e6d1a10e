//go:build unix

package main

import "syscall"

// session gives the program the terminal as its own.
func session() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true, Setctty: true} }
