// Command oneshot measures aichat as a command that is run once: how long
// `aichat version` and a piped `aichat ask` take beside curl asking the same
// stub provider, how long the first ask takes where no server runs yet, and how
// large the stripped client is.
//
// Everything happens in a home of its own. What is compared is run in turns, so
// that a busy second of the machine falls on all alike; the medians are printed.
package main
