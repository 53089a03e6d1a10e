// Package dialog holds what opens over the transcript: a list to pick from
// (models, commands) and pages to read (help). They keep state, draw, and ask by
// the value that Key returns; they do no I/O and know no Backend.
package dialog
