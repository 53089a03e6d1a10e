// Package usage is the ledger: one append-only row for every provider call that
// may be billed, with the price it was computed at. Balances, views and advice
// are read from it; nothing in it is ever changed.
//
// usage imports the standard library, fault, identity and provider only.
package usage
