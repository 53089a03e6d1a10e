// Package chart draws numbers with characters: bars, a sparkline, columns. What it
// returns has no colours and no controls, and is as wide as was asked; who draws
// decides on the rest. It is pure and imports the standard library only, so that
// the screen and the usage command draw alike.
//
// Whatever is more than nothing is drawn, if as the smallest piece there is;
// nothing is drawn as nothing. Negative numbers count as nothing.
package chart
