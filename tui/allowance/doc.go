// Package allowance says what is left of an account's limits: which is the
// tightest, how much of it remains, when it begins anew. The screen and the usage
// command say the same of it. It is pure, and imports the wire's shapes and
// package figure.
package allowance
