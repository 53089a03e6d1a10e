// Package quota decides whether a call may be made.
//
// So far it is the seam only: a Policy is asked before a turn is stored, and
// the Hold that it returns travels with the turn, so that reserving can happen
// in the transaction that begins the turn and settling in the one that ends it.
// Unmetered is the policy of a server without limits, the local owner's.
//
// quota imports the standard library, fault, identity and provider only.
package quota
