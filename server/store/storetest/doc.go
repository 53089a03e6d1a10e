// Package storetest is what every database must do to be our store: one suite,
// run on SQLite and on Postgres alike.
//
// It is for tests only, and imports store and the nouns and verbs whose promises
// it checks.
package storetest
