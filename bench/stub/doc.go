// Package stub is a model provider for benchmarks: an OpenAI-compatible Chat
// Completions endpoint that sends what it is told to, at the pace it is told.
//
// What to send is in the model's name, since that is the one thing that every
// relay and client passes on unchanged: see Profile. It imports the standard
// library only, and measures nothing itself; it stamps what it sends.
package stub
