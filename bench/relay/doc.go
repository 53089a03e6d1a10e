// Command relay measures what standing between a model provider and its client
// costs: the aichat server, which parses, stores and meters, against Go's
// httputil.ReverseProxy, which copies, in the same run.
//
// It starts a stub provider (bench/stub), a ReverseProxy and aichat-server, each
// in its own process and on loopback only, drives N streams at a time through
// each of them and through none, checks that every stream's text arrives whole
// and in order, and prints, for each:
//
//   - the time to the first token of an idle server, request by request;
//   - under N streams, the time from the stub's send to our receipt of each
//     delta, the CPU time of the relay's process for 100 000 deltas, and the
//     memory it grew by for each stream it holds.
//
// A delta is what the stub sent: the server may carry several in one event.
// Everything ends by itself; a stream that takes longer than a minute fails.
package main
