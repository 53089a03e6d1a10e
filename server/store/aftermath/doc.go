// Package aftermath looks at the database that a test leaves, whatever the test
// was about: its counters are what its ledger and its reservations say, the sums
// of its hours are those of its rows, and no provider's key stands in it.
//
// It is for tests only; it imports store. Whoever lends tests a database (sqlitetest,
// pgtest) has it looked at, so that no test has to ask for it.
package aftermath
