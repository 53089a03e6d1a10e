// Package visitor is what every door must know of whoever comes: the address
// they come from, also behind proxies, and whether they come too often.
//
// It imports the standard library and x/time/rate. It is no part of a door,
// because all doors must agree on it: a limit that one of them counts by another
// address is none.
package visitor
