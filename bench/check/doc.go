// Command check measures what the project has promised a bound for, prints each
// figure beside its bound, and fails where one is missed.
//
// It runs the other programs of bench and some of the packages' own benchmarks.
// Bounds are times on one machine: they were set on one of two cores, and a busy
// machine misses them. The load average is printed for that reason.
package main
