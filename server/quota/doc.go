// Package quota decides whether a call to a provider may be made, and says what
// is left.
//
// A Plan holds limits: so many messages, tokens or micro-dollars a day or a
// month, for the account, each of its members, each model or each provider key.
// A Policy is asked before a turn is stored. It returns a Hold: the worst that
// the call may use, and the limits that this must fit. The store reserves the
// hold in the transaction that begins the turn (conditional statements, all or
// nothing) and settles it in the one that ends it, to what the ledger's rows say
// was used. The counters are a function of the ledger and of the reservations
// that stand: Count says which, and the store can make them anew from it.
//
// Everything counts in the period in which it was reserved. A period's counters
// are rows of their own, so a new period begins with new rows, and nothing is
// ever reset.
//
// The worst case is capped: see Worst. So what is used may exceed a limit by what
// the running calls write beyond their holds; the next reservation sees it.
//
// Beside the limits a plan has rates: requests and tokens a minute, and streams
// at once. They are kept by a Pacer, in memory.
//
// quota imports the standard library, fault, identity, provider, usage, and a
// TOML library for the plans' file. It knows no database: Store is its promise.
package quota
