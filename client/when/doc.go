// Package when reads how people say which time they mean: "yesterday", "7d",
// "2026-11-01". Both programs take the same words after --from and --to.
//
// It is under client because aichat uses it and the server's program may import it
// too. It imports the standard library only, and knows no flags but their names.
package when
