// Package identity says who acts, and for whom.
//
// Everything owned, metered or billed belongs to an account; a user acts on the
// personal account, or on one whose member the user is. A Principal is the
// answer to "who is asking": doors make it, everything below takes it. Here too
// is what a user signs in with once it exists (sessions of programs, personal
// access tokens, identities at other providers) and the log of what happened to
// them. How one comes to be is signin's.
//
// identity imports the standard library, fault and a library that knows language
// tags.
package identity
