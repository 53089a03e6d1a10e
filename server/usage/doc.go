// Package usage is the ledger: one append-only row for every provider call that
// may be billed, with the price it was computed at. Balances, views and advice
// are read from it; nothing in it is ever changed.
//
// What is read of it is arithmetic without a database: ranges of time and their
// days (Range), which hours of sums and which rows make them up (Cut), sums
// (Sums, Fold), what is to be expected (Project), how a row came to its cost
// (Explain), quality (Qualities) and advice (Advise). Where the rows are kept, and
// the sums of the hours, is Store's, Reader's and Roller's promise, kept by store.
//
// usage imports the standard library, fault, identity and provider only. It does
// not know plans, which count by it: those are quota's.
package usage
