// Command check measures what the project has promised a bound for, prints each
// figure beside its bound, and fails where one is missed.
//
// It runs the other programs of bench and some of the packages' own benchmarks.
// Bounds are times on one machine: they were set on one of two cores, and a busy
// machine misses them. The load average is printed for that reason. What starting
// a process costs differs most between machines: the bounds of the commands that
// are little else hold in proportion to curl's time in the same run, where that
// is longer than it was on that machine.
package main
