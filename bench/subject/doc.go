// Package subject starts what the benchmarks measure, each in a process of its
// own: parts of the benchmark itself (the stub provider, the proxy to compare
// with) and the programs that make builds, in a home of their own so that they
// touch nothing of the person who measures.
package subject
