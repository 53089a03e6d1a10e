// Package spending puts a summary of usage in words: what range it is of, what its
// rows are called, what is to be known of its sums. The usage command and the
// screen's dialog say the same by it. It is pure, and imports the wire's shapes,
// package figure and package terminal, by which it makes names safe to print.
package spending
