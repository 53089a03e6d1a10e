// Package theme is the look of the terminal interface: colours for a dark and a
// light background, and glyphs for terminals with Unicode, without it, and for
// screen readers. It is pure; the packages that draw take a *Theme.
package theme
