// Package markdown renders a model's Markdown for a terminal while it streams.
//
// A Splitter cuts a growing document into pieces at places where nothing that
// comes later can change what stands before. A Document keeps each piece's
// rendering, so that a delta costs the last piece and never the whole answer; a
// whole document is rendered by the same pieces, so that both look the same. A
// Printer writes finished lines once, for programs that own no screen.
//
// It differs from CommonMark by choice in these: raw HTML is shown as it is
// written (a model that says List<String> means it); a line break in the source
// is one on the screen; blank lines inside an indented code block are kept
// together with it; a list longer than a few kilobytes is laid out in parts; text
// that stays one construct for more than plainLimit bytes is shown as its source.
//
// It is pure: no I/O, and nothing of aichat but tui/terminal. Building a renderer
// is lazy, because the highlighter's tables are slow to load.
package markdown
