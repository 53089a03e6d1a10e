// Package figure writes numbers, money and moments as a person reads them, for the
// screen and for commands alike. Its functions are pure: the time is an argument,
// and carries the person's zone. It imports the standard library only.
package figure
